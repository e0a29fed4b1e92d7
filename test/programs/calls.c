/* Times system calls, as a program for WASI and as one of the guest's own: prints nanoseconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* calls read FOLDER FILES ROUNDS: reads FOLDER/0 to FOLDER/FILES-1 so often. */
static int read_files(const char *folder, int files, int rounds)
{
	char path[256], data[4096];

	for (int round = 0; round < rounds; round++)
		for (int file = 0; file < files; file++) {
			int fd;

			snprintf(path, sizeof(path), "%s/%d", folder, file);
			fd = open(path, O_RDONLY);
			if (fd < 0 || read(fd, data, sizeof(data)) <= 0)
				return 1;
			close(fd);
		}
	return 0;
}

/* calls stat FILE COUNT: asks for the file's attributes so often. */
static int stat_file(const char *path, int count)
{
	struct stat found;

	for (int call = 0; call < count; call++)
		if (stat(path, &found) != 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	long long started = now();
	int failed;

	if (argc == 5 && strcmp(argv[1], "read") == 0)
		failed = read_files(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 4 && strcmp(argv[1], "stat") == 0)
		failed = stat_file(argv[2], atoi(argv[3]));
	else
		return 2;
	printf("%lld\n", now() - started);
	return failed;
}
