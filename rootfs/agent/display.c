/* Shows files in the output of the cell that this runs in (client/machine/task/SPEC.md, DISPLAY-1 to DISPLAY-3). */
#include "conch.h"

#define DOOR "/task/display"
#define PIECE_BYTES (64 * 1024)

static char piece[PIECE_BYTES];

static int complain(const char *about, const char *text)
{
	write_text(2, "display: ");
	write_text(2, about);
	write_text(2, text);
	return 1;
}

static const char *why(int error)
{
	switch (error) {
	case ENOENT:
		return ": there is no such file\n";
	case EISDIR:
		return ": is a folder\n";
	case EFBIG:
		return ": is too large to be shown\n";
	default:
		return ": cannot be shown\n";
	}
}

/* Sends the file through the door, and prints the mark that comes back. */
static int show(const char *path, const char *type)
{
	const char *slash = strrchr(path, '/');
	int standard_input = strcmp(path, "-") == 0;
	int from = standard_input ? 0 : open(path, O_RDONLY | O_CLOEXEC);
	int door, error = 0;
	ssize_t got;

	if (from < 0)
		return complain(path, why(errno));
	door = open(DOOR, O_RDWR | O_CLOEXEC);
	if (door < 0)
		return complain(DOOR, why(errno));
	strlcpy(piece, type, sizeof(piece));
	strlcat(piece, " ", sizeof(piece));
	strlcat(piece, standard_input ? "standard input" : slash == NULL ? path : slash + 1, sizeof(piece));
	strlcat(piece, "\n", sizeof(piece));
	if (write_text(door, piece) < 0)
		error = errno;
	while (error == 0 && (got = read(from, piece, sizeof(piece))) != 0)
		if (got < 0 ? errno != EINTR : write_all(door, piece, (size_t)got) < 0)
			error = errno;
	if (error == 0 && (got = read(door, piece, sizeof(piece))) <= 0)
		error = got == 0 ? EIO : errno;
	close(door);
	if (!standard_input)
		close(from);
	if (error != 0)
		return complain(path, why(error));
	return write_all(1, piece, (size_t)got) < 0;
}

int display(int count, char **arguments)
{
	const char *type = "-";
	int failed = 0;

	if (count >= 2 && strcmp(arguments[0], "-t") == 0) {
		type = arguments[1];
		count -= 2;
		arguments += 2;
	}
	if (count == 0) {
		write_text(2, "display [-t TYPE] FILE...   shows pictures, HTML, Markdown, tables and text in the cell's output; - is standard input\n");
		return 2;
	}
	for (int index = 0; index < count; index++)
		failed |= show(arguments[index], type);
	return failed;
}
