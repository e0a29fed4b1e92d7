/* The guest's own command: `conch ps` lists tasks, `conch display` shows files, `conch version` tells what this is. */
#include "conch.h"

/* As in package.json. */
#define CONCH_VERSION "0.1.0"
#define TASKS "/task"

/* The first line of a file, NULs as spaces. */
static int read_line(const char *id, const char *name, char *line, size_t size)
{
	char path[80] = TASKS "/";
	ssize_t got;
	int fd;

	strlcat(path, id, sizeof(path));
	strlcat(path, "/", sizeof(path));
	strlcat(path, name, sizeof(path));
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	got = read(fd, line, size - 1);
	close(fd);
	if (got < 0)
		return -1;
	while (got > 0 && (line[got - 1] == '\0' || line[got - 1] == '\n'))
		got--;
	line[got] = '\0';
	for (ssize_t index = 0; index < got; index++)
		if (line[index] == '\0' || line[index] == '\n')
			line[index] = ' ';
	return 0;
}

static void print_padded(const char *text, size_t width)
{
	size_t length = strlen(text);

	write_text(1, text);
	while (length++ < width)
		write_text(1, " ");
	write_text(1, " ");
}

static void print_task(const char *id)
{
	char status[64], directory[256], command[256];

	/* One that has just ended is none. */
	if (read_line(id, "status", status, sizeof(status)) < 0 || read_line(id, "dir", directory, sizeof(directory)) < 0 ||
	    read_line(id, "argv", command, sizeof(command)) < 0)
		return;
	print_padded(id, 5);
	print_padded(status, 14);
	print_padded(directory, 20);
	write_text(1, command);
	write_text(1, "\n");
}

static int list_tasks(void)
{
	static char entries[16 * 1024];
	int fd = open(TASKS, O_RDONLY | O_DIRECTORY);
	int got;

	if (fd < 0) {
		write_text(2, "conch: there is no " TASKS " here\n");
		return 1;
	}
	print_padded("TASK", 5);
	print_padded("STATUS", 14);
	print_padded("FOLDER", 20);
	write_text(1, "COMMAND\n");
	while ((got = getdents64(fd, (void *)entries, sizeof(entries))) > 0)
		for (int at = 0; at < got;) {
			struct linux_dirent64 *entry = (void *)(entries + at);

			if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
				print_task(entry->d_name);
			at += entry->d_reclen;
		}
	close(fd);
	return got < 0;
}

static int usage(int fd)
{
	write_text(fd, "conch ps                what runs on this machine, as the page sees it\n"
		       "conch display FILE...   shows files in the cell's output (also: display FILE...)\n"
		       "conch version           what this is\n");
	return fd == 2;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "help";
	const char *name = strrchr(argv[0], '/');

	if (strcmp(name == NULL ? argv[0] : name + 1, "display") == 0)
		return display(argc - 1, argv + 1);
	if (strcmp(verb, "display") == 0)
		return display(argc - 2, argv + 2);
	if (strcmp(verb, "ps") == 0 && argc == 2)
		return list_tasks();
	if (strcmp(verb, "version") == 0 && argc == 2) {
		write_text(1, "conch " CONCH_VERSION "\n");
		return 0;
	}
	return usage(strcmp(verb, "help") == 0 ? 1 : 2);
}
