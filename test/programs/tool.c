// A WASI program for the tests: one command a run, each says what it saw. Built with Debian's clang and wasi-libc.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void check(int ok, const char *what) {
  if (ok) return;
  printf("failed: %s (%s)\n", what, strerror(errno));
  exit(1);
}

static void fails(int result, int wanted, const char *what) {
  check(result < 0 && errno == wanted, what);
}

static int args(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("[%s]\n", argv[i]);
  const char *value = getenv("COLOUR");
  printf("COLOUR=%s PWD=%s\n", value ? value : "-", getenv("PWD"));
  return 0;
}

static int cat(void) {
  char buffer[4096];
  ssize_t count;
  while ((count = read(0, buffer, sizeof buffer)) > 0)
    if (write(1, buffer, count) != count) return 1;
  return count < 0;
}

static int files(void) {
  char buffer[64];
  struct stat found;
  check(mkdir("d", 0777) == 0, "mkdir");
  fails(mkdir("d", 0777), EEXIST, "mkdir again");
  int fd = open("d/a", O_CREAT | O_RDWR | O_EXCL, 0666);
  check(fd >= 0, "create");
  fails(open("d/a", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST, "create again");
  fails(open("d/none", O_RDONLY), ENOENT, "open nothing");
  fails(open("d/a/b", O_RDONLY), ENOTDIR, "open through a file");
  fails(open("d", O_WRONLY), EISDIR, "write a directory");
  check(write(fd, "hello world", 11) == 11, "write");
  check(lseek(fd, 6, SEEK_SET) == 6, "seek");
  check(read(fd, buffer, sizeof buffer) == 5 && !memcmp(buffer, "world", 5), "read");
  check(lseek(fd, -5, SEEK_END) == 6, "seek from the end");
  fails(lseek(fd, -1, SEEK_SET), EINVAL, "seek before the start");
  check(pread(fd, buffer, 5, 0) == 5 && !memcmp(buffer, "hello", 5), "pread");
  check(lseek(fd, 0, SEEK_CUR) == 6, "pread leaves the offset");
  check(pwrite(fd, "J", 1, 0) == 1, "pwrite");
  check(fstat(fd, &found) == 0 && found.st_size == 11 && S_ISREG(found.st_mode), "fstat");
  check(ftruncate(fd, 5) == 0 && fstat(fd, &found) == 0 && found.st_size == 5, "ftruncate");
  check(posix_fallocate(fd, 0, 8) == 0 && fstat(fd, &found) == 0 && found.st_size == 8, "allocate");
  check(ftruncate(fd, 5) == 0 && fsync(fd) == 0 && fdatasync(fd) == 0, "sync");
  struct timespec times[2] = {{1000000000, 0}, {1234567890, 123456000}};
  check(futimens(fd, times) == 0 && fstat(fd, &found) == 0, "futimens");
  check(found.st_mtim.tv_sec == 1234567890 && found.st_mtim.tv_nsec == 123456000, "mtime");
  check(close(fd) == 0, "close");
  fails(close(fd), EBADF, "close again");
  fails(write(99, "x", 1), EBADF, "write nowhere");
  fd = open("d/a", O_RDONLY);
  fails(write(fd, "x", 1), EBADF, "write what is only read");
  close(fd);
  fd = open("d/a", O_WRONLY | O_APPEND);
  check(write(fd, "!", 1) == 1 && lseek(fd, 0, SEEK_SET) == 0 && write(fd, "?", 1) == 1, "append");
  check(fcntl(fd, F_SETFL, 0) == 0 && pwrite(fd, "j", 1, 0) == 1, "append no more");
  close(fd);
  fd = open("d/a", O_RDONLY);
  check(read(fd, buffer, sizeof buffer) == 7 && !memcmp(buffer, "jello!?", 7), "what was appended");
  close(fd);
  check(symlink("a", "d/link") == 0, "symlink");
  check(readlink("d/link", buffer, sizeof buffer) == 1 && buffer[0] == 'a', "readlink");
  check(readlink("d/link", buffer, 0) == 0, "readlink without room");
  fails(readlink("d/a", buffer, sizeof buffer), EINVAL, "readlink of a file");
  check(lstat("d/link", &found) == 0 && S_ISLNK(found.st_mode), "lstat");
  check(stat("d/link", &found) == 0 && S_ISREG(found.st_mode), "stat");
  fails(open("d/link", O_RDONLY | O_NOFOLLOW), ELOOP, "open without following");
  check(symlink("loop", "d/loop") == 0, "a loop");
  fails(open("d/loop", O_RDONLY), ELOOP, "open a loop");
  check(rename("d/a", "d/b") == 0 && access("d/a", F_OK) != 0 && access("d/b", F_OK) == 0, "rename");
  fails(rename("d/a", "d/c"), ENOENT, "rename nothing");
  fails(rmdir("d"), ENOTEMPTY, "remove a full directory");
  fails(unlink("d"), EISDIR, "unlink a directory");
  fails(rmdir("d/b"), ENOTDIR, "rmdir a file");
  check(unlink("d/b") == 0 && unlink("d/link") == 0 && unlink("d/loop") == 0 && rmdir("d") == 0, "remove");
  fd = open("gone", O_CREAT | O_RDWR, 0666);
  check(unlink("gone") == 0 && write(fd, "x", 1) == 1 && pread(fd, buffer, 1, 0) == 1, "unlinked but open");
  close(fd);
  printf("ok\n");
  return 0;
}

static int list(const char *path) {
  DIR *directory = opendir(path);
  check(directory != NULL, "opendir");
  struct dirent *entry;
  int count = 0, directories = 0, files = 0;
  while ((entry = readdir(directory)) != NULL) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    count++;
    directories += entry->d_type == DT_DIR;
    files += entry->d_type == DT_REG;
  }
  rewinddir(directory);
  int again = 0;
  while (readdir(directory) != NULL) again++;
  closedir(directory);
  printf("%d entries, %d directories, %d files, %d again\n", count, directories, files, again);
  return 0;
}

static int make_many(const char *directory, int count) {
  char path[256];
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/f%d", directory, i % 100);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666);
    check(fd >= 0 && write(fd, path, 20) == 20, path);
    close(fd);
  }
  return 0;
}

static int read_many(const char *directory, int count) {
  char path[256], buffer[4096];
  long total = 0;
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/f%d", directory, i % 100);
    int fd = open(path, O_RDONLY);
    check(fd >= 0, path);
    total += read(fd, buffer, sizeof buffer);
    close(fd);
  }
  printf("%ld bytes\n", total);
  return 0;
}

static int spin(uint32_t rounds) {
  uint32_t value = 1;
  for (uint32_t i = 0; i < rounds; i++) {
    value ^= value << 13;
    value ^= value >> 17;
    value ^= value << 5;
    value += i;
  }
  printf("%u\n", value);
  return 0;
}

// Nanoseconds for one call that does next to nothing.
static int calls(int count) {
  struct timespec before, after;
  struct stat found;
  clock_gettime(CLOCK_MONOTONIC, &before);
  for (int i = 0; i < count; i++) fstat(0, &found);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long spent = (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec);
  printf("%lld\n", spent / count);
  return 0;
}

static int wait_input(int milliseconds) {
  struct pollfd polled = {.fd = 0, .events = POLLIN};
  int ready = poll(&polled, 1, milliseconds);
  check(ready >= 0, "poll");
  if (ready == 0) {
    printf("timeout\n");
    return 0;
  }
  char buffer[256];
  ssize_t count = read(0, buffer, sizeof buffer);
  printf("ready: %.*s\n", (int)count, buffer);
  return 0;
}

static int ask(void) {
  char line[256];
  printf("name? ");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    printf("hello %s\nname? ", line);
    fflush(stdout);
  }
  printf("bye\n");
  return 0;
}

static int sleep_for(int milliseconds) {
  struct timespec before, after, length = {milliseconds / 1000, (milliseconds % 1000) * 1000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&length, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long slept = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
  printf("%s\n", slept >= milliseconds ? "slept" : "woke too early");
  return 0;
}

// Runs a command through the tree of tasks, as any program may; the status is the command's.
static int task(const char *command) {
  char id[16] = "", path[64], buffer[4096] = "";
  ssize_t count;
  int made = open("/task/new/guest", O_RDONLY);
  check(made >= 0 && read(made, id, sizeof id - 1) > 0, "new");
  id[strcspn(id, "\n")] = 0;
  const char *const writes[][2] = {{"cmd", command}, {"ctl", "start"}};
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "/task/%s/%s", id, writes[i][0]);
    int file = open(path, O_WRONLY);
    check(file >= 0 && write(file, writes[i][1], strlen(writes[i][1])) > 0, writes[i][0]);
    close(file);
  }
  snprintf(path, sizeof path, "/task/%s/fd/1", id);
  int output = open(path, O_RDONLY);
  while ((count = read(output, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, count, stdout);
  check(count == 0, "read");
  snprintf(path, sizeof path, "/task/%s/exit", id);
  int end = open(path, O_RDONLY);
  memset(buffer, 0, sizeof buffer);
  check(read(end, buffer, sizeof buffer - 1) > 0, "exit");
  close(made);
  return atoi(buffer);
}

static void wait_line(void) {
  char letter;
  while (read(0, &letter, 1) == 1 && letter != '\n') continue;
}

/* Replaces a word of the file in what it has read, and after a line of input writes all of it back. */
static int edit(const char *path, const char *word, const char *with, int remake) {
  char buffer[4096];
  int fd = open(path, O_RDONLY);
  ssize_t length = read(fd, buffer, sizeof buffer - 1);
  check(length >= 0 && close(fd) == 0, "read");
  buffer[length] = 0;
  char *at = strstr(buffer, word);
  check(at != NULL, "find");
  if (remake) check(unlink(path) == 0, "remove");
  check(write(1, "ready\n", 6) == 6, "say");
  wait_line();
  FILE *file = fopen(path, "w");
  check(file != NULL, "open");
  check(fprintf(file, "%.*s%s%s", (int)(at - buffer), buffer, with, at + strlen(word)) > 0, "write");
  check(fclose(file) == 0, "close");
  return 0;
}

static int copy(const char *from, const char *to) {
  char buffer[4096];
  int in = open(from, O_RDONLY);
  int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  check(in >= 0 && out >= 0, "open");
  ssize_t length;
  while ((length = read(in, buffer, sizeof buffer)) > 0) check(write(out, buffer, length) == length, "write");
  check(length == 0 && close(in) == 0 && close(out) == 0, "copy");
  return 0;
}

static int try_paths(int count, char **paths) {
  for (int i = 0; i < count; i++) {
    char buffer[64];
    int fd = open(paths[i], O_RDONLY);
    ssize_t length = fd < 0 ? 0 : read(fd, buffer, sizeof buffer);
    if (fd < 0) printf("%s: %s\n", paths[i], errno == EPERM ? "EPERM" : strerror(errno));
    else printf("%s: %.*s\n", paths[i], (int)length, buffer);
    if (fd >= 0) close(fd);
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "";
  const char *first = argc > 2 ? argv[2] : "";
  if (!strcmp(command, "args")) return args(argc, argv);
  if (!strcmp(command, "cat")) return cat();
  if (!strcmp(command, "files")) return files();
  if (!strcmp(command, "ls")) return list(first);
  if (!strcmp(command, "make-many")) return make_many(first, atoi(argv[3]));
  if (!strcmp(command, "read-many")) return read_many(first, atoi(argv[3]));
  if (!strcmp(command, "spin")) return spin(strtoul(first, NULL, 10));
  if (!strcmp(command, "calls")) return calls(atoi(first));
  if (!strcmp(command, "poll")) return wait_input(atoi(first));
  if (!strcmp(command, "ask")) return ask();
  if (!strcmp(command, "sleep")) return sleep_for(atoi(first));
  if (!strcmp(command, "try")) return try_paths(argc - 2, argv + 2);
  if (!strcmp(command, "task")) return task(first);
  if (!strcmp(command, "copy")) return copy(first, argv[3]);
  if (!strcmp(command, "edit")) return edit(first, argv[3], argv[4], 0);
  if (!strcmp(command, "remake")) return edit(first, argv[3], argv[4], 1);
  if (!strcmp(command, "exit")) return atoi(first);
  if (!strcmp(command, "both")) {
    printf("to output\n");
    fprintf(stderr, "to error\n");
    return 0;
  }
  if (!strcmp(command, "tty")) {
    printf("%d %d\n", isatty(0), isatty(1));
    return 0;
  }
  if (!strcmp(command, "trap")) __builtin_trap();
  if (!strcmp(command, "forever")) {
    printf("started\n");
    fflush(stdout);
    for (volatile int i = 0;; i++) continue;
  }
  fprintf(stderr, "%s: no such command: %s\n", argv[0], command);
  return 2;
}
