/*
 * The guest agent: reads the host's requests from /task/inbox and does them (client/machine/task/SPEC.md).
 * conch-agent [TASK-ROOT [CONSOLE [RUN-FOLDER]]]
 */
#include "agent.h"

/* SPEC INBOX: the longest request, and a place for its end. */
#define REQUEST_MAX (16 * 1024)

static int console = -1;

static void complain(const char *text, const char *about)
{
	char line[160] = "conch-agent: ";

	strlcat(line, text, sizeof(line));
	strlcat(line, about, sizeof(line) - 1);
	strlcat(line, "\n", sizeof(line));
	write_text(console, line);
}

/* --- signals, lines --- */

/* SPEC TASK-10. */
static void signal_task(const struct slot *slot, int signal)
{
	pid_t group = slot->program, foreground = 0;

	/* The number of a program that has ended may be another's by now; its process ends right after it. */
	if (group <= 0 || waitpid(slot->process, NULL, WNOHANG) != 0)
		return;
	if (slot->has_terminal)
		foreground = foreground_group(group);
	if (foreground > 1 && is_for_foreground(signal)) {
		if (signal == SIGINT)
			interrupt_group(foreground, group);
		else
			kill(-foreground, signal);
		return;
	}
	kill(-group, signal);
	if (foreground > 1 && foreground != group)
		kill(-foreground, signal);
}

/* SPEC INBOX-4. */
static void send_line(const struct slot *slot, const char *line)
{
	struct termios modes = first_modes;
	int terminal;

	if (slot->lines < 0) {
		complain("no control lines for this task", "");
		return;
	}
	terminal = slot->has_terminal ? open(slot->terminal, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (terminal >= 0) {
		/* Nothing in a session could go on from Ctrl-Z. */
		modes.c_cc[VSUSP] = 0;
		ioctl(terminal, TCSETS, &modes);
		ioctl(terminal, TCFLSH, (void *)TCIFLUSH);
		close(terminal);
	}
	write_text(slot->lines, line);
}

static void forget(struct slot *slot)
{
	/* It ends right after it has reported the end. */
	waitpid(slot->process, NULL, 0);
	release(slot);
}

static void park(void)
{
	quiet_warm_tasks();
	prepare_snapshot();
	wait_for_wake(console);
}

/* --- requests --- */

static int is_end(const char *text)
{
	return text[0] == '\n' && text[1] == '\0';
}

/* `request` is one line with its end. */
static void handle(const char *request)
{
	const char *at = request;
	unsigned long id, first, second;
	struct slot *slot;
	int warm;

	if (take_word(&at, "park") && is_end(at)) {
		park();
		return;
	}
	at = request;
	warm = take_word(&at, "warm ");
	if ((warm || take_word(&at, "start ")) && take_number(&at, &id) && id != 0 && is_end(at)) {
		start_task((unsigned)id, warm);
		return;
	}
	at = strchr(request, ' ');
	if (at == NULL || !(at++, take_number(&at, &id)) || id == 0) {
		complain("not understood: ", request);
		return;
	}
	if (strncmp(request, "kill ", 5) == 0 && *at++ == ' ' && take_number(&at, &first) && is_end(at) && first <= 64 && id > 1) {
		kill((pid_t)id, (int)first);
		return;
	}
	/* A task that has ended meanwhile is no error. */
	slot = find_slot((unsigned)id);
	if (slot == NULL)
		return;
	if (strncmp(request, "forget ", 7) == 0 && is_end(at))
		forget(slot);
	else if (strncmp(request, "line ", 5) == 0 && *at == ' ')
		send_line(slot, at + 1);
	else if (strncmp(request, "signal ", 7) == 0 && *at++ == ' ' && take_number(&at, &first) && is_end(at) && first <= 64)
		signal_task(slot, (int)first);
	else if (strncmp(request, "winch ", 6) == 0 && *at++ == ' ' && take_number(&at, &first) && *at++ == ' ' &&
		 take_number(&at, &second) && is_end(at))
		set_size(slot, &(struct window_size){ .cols = (unsigned short)first, .rows = (unsigned short)second });
	else
		complain("not understood: ", request);
}

/* Where the first line ends; what is no text may hold NULs. */
static char *find_end(char *line, const char *end)
{
	for (; line < end; line++)
		if (*line == '\n')
			return line;
	return NULL;
}

static void serve(int inbox)
{
	static char requests[REQUEST_MAX + 1];
	size_t length = 0;

	for (;;) {
		char *line = requests, *end;
		ssize_t got = read(inbox, requests + length, REQUEST_MAX - length);

		if (got < 0 && errno == EINTR)
			continue;
		/* The host has gone, or answers with errors: not so often that it costs anything. */
		if (got <= 0) {
			sleep(1);
			continue;
		}
		length += (size_t)got;
		requests[length] = '\0';
		while ((end = find_end(line, requests + length)) != NULL) {
			char next = end[1];

			end[1] = '\0';
			handle(line);
			end[1] = next;
			line = end + 1;
		}
		length -= (size_t)(line - requests);
		memmove(requests, line, length);
		if (length == REQUEST_MAX) {
			complain("a request is too long", "");
			length = 0;
		}
	}
}

static void open_console(const char *path)
{
	struct termios modes;

	console = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console < 0)
		console = 2;
	/* Lines come whole and are not sent back. */
	if (ioctl(console, TCGETS, &modes) == 0) {
		modes.c_lflag = ICANON;
		modes.c_iflag = ICRNL;
		ioctl(console, TCSETS, &modes);
	}
}

int main(int argc, char **argv)
{
	const char *console_path = "/dev/ttyS0";
	char path[PATH_MAX_BYTES];
	int inbox;

	take_command_line(argc, argv);
	if (argc > 1)
		task_root = strdup(argv[1]);
	if (argc > 2)
		console_path = argv[2];
	if (argc > 3)
		run_folder = strdup(argv[3]);
	/* 0, 1 and 2 are taken, so that a program's descriptors never are. */
	while ((inbox = open("/dev/null", O_RDWR)) >= 0 && inbox < 3)
		;
	close(inbox);
	set_signal(SIGPIPE, 1);
	open_console(console_path);
	/* A folder that is there already is a predecessor's, which has died in a machine that is awake. */
	if (mkdir(run_folder, 0755) == 0)
		wait_for_wake(console);
	task_path(path, sizeof(path), 0, "inbox");
	inbox = open(path, O_RDONLY | O_CLOEXEC);
	if (inbox < 0) {
		complain("cannot open ", path);
		return 1;
	}
	serve(inbox);
	return 0;
}
