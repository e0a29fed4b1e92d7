/* Reads what a task is to run (SPEC TASK-3). */
#include "agent.h"

/* More arguments and variables than this are E2BIG. */
#define STRINGS_MAX 8192

static char text[SPEC_MAX + 1];
/* One more in front for CONCH_CONTROL, and two ends. */
static char *strings[STRINGS_MAX + 3];

static ssize_t read_whole(const char *path)
{
	size_t length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	for (;;) {
		ssize_t got = read(fd, text + length, SPEC_MAX + 1 - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int error = errno;

			close(fd);
			errno = error;
			return -1;
		}
		length += (size_t)got;
		if (got == 0 || length > SPEC_MAX)
			break;
	}
	close(fd);
	if (length > SPEC_MAX) {
		errno = E2BIG;
		return -1;
	}
	return (ssize_t)length;
}

static int parse_size(const char *from, struct spec *spec)
{
	unsigned long cols, rows;

	spec->tty = *from != '\0';
	if (!spec->tty)
		return 1;
	if (!take_number(&from, &cols) || *from++ != ' ' || !take_number(&from, &rows) || *from != '\0')
		return 0;
	spec->size = (struct window_size){ .rows = (unsigned short)rows, .cols = (unsigned short)cols };
	return 1;
}

int read_spec(unsigned id, struct spec *spec)
{
	char path[PATH_MAX_BYTES];
	char *at = text, *end;
	unsigned long count;
	const char *number;
	size_t used = 0, head = 0;
	ssize_t length;

	memset(spec, 0, sizeof(*spec));
	task_path(path, sizeof(path), id, "spec");
	length = read_whole(path);
	if (length < 0)
		return errno;
	end = text + length;
	/* Every string ends in NUL, so none runs over the end. */
	if (length == 0 || end[-1] != '\0')
		return EINVAL;

	for (; at < end && head < 4; at += strlen(at) + 1, head++) {
		if (head == 0 && !parse_size(at, spec))
			return EINVAL;
		if (head == 1) {
			spec->control = *at != '\0';
			spec->identity = at;
			spec->identity_length = (size_t)(end - at);
		}
		if (head == 2)
			spec->directory = at;
		if (head == 3)
			number = at;
	}
	if (head < 4 || !take_number(&number, &count) || *number != '\0' || count == 0)
		return EINVAL;

	spec->argv = strings;
	for (; at < end && used < count; at += strlen(at) + 1) {
		if (used >= STRINGS_MAX)
			return E2BIG;
		strings[used++] = at;
	}
	if (used < count)
		return EINVAL;
	strings[used++] = NULL;
	/* The free place. */
	strings[used++] = NULL;
	spec->env = strings + used;
	for (; at < end; at += strlen(at) + 1) {
		if (used >= STRINGS_MAX + 2)
			return E2BIG;
		strings[used++] = at;
	}
	strings[used] = NULL;
	return 0;
}
