/*
 * The process of one task: parent of its program, carries output to the host, and forks once more to carry input.
 * It talks to the host through the files of /task/<id> and to the agent through one pipe.
 */
#include "agent.h"

#define PIECE_MAX (64 * 1024)
/* Milliseconds between two looks for room in a terminal's input. */
#define INPUT_WAIT_MAX 128
/* SPEC INBOX-2. */
#define KEPT_MAX (16 * 1024)
/* What may still sit in pipes and terminals when the program has ended: more than any holds. */
#define DRAIN_PIECES 32

struct task {
	unsigned id;
	pid_t program;
	/* A warm task has no host to talk to. */
	int attached, delivering;
	/* The program's standard output and error, or the terminal; -1 where there is none or it has ended. */
	int outputs[2];
	/* The program's standard input: a pipe, or the terminal. */
	int input;
	int is_terminal;
	/* /task/<id>/fd/1, fd/2 and status. */
	int files[2], status;
	pid_t input_pump;
};

static char piece[PIECE_MAX];
static char kept[KEPT_MAX];
static size_t kept_length;

/* What the program's process tells of a failure before exec. */
struct failure {
	int error;
	char stage[8];
};

static int open_file(unsigned id, const char *file, int flags)
{
	char path[PATH_MAX_BYTES];

	task_path(path, sizeof(path), id, file);
	return open(path, flags | O_CLOEXEC);
}

/* --- the end --- */

static void report(int status, const char *word, unsigned long number, const char *rest)
{
	char line[64] = "";

	strlcat(line, word, sizeof(line));
	add_number(line, sizeof(line), number);
	strlcat(line, rest, sizeof(line));
	strlcat(line, "\n", sizeof(line));
	write_text(status, line);
}

void report_failure(unsigned id, int error, const char *stage)
{
	char rest[16] = " ";
	int status = open_file(id, "status", O_WRONLY);

	if (status < 0)
		return;
	strlcat(rest, stage, sizeof(rest));
	report(status, "failed ", (unsigned long)error, rest);
	close(status);
}

static void report_end(const struct task *task, int wait_status, const struct failure *failure)
{
	if (failure->error != 0)
		report_failure(task->id, failure->error, failure->stage);
	else if ((wait_status & 0x7f) != 0)
		report(task->status, "signaled ", (unsigned long)(wait_status & 0x7f), "");
	else
		report(task->status, "exited ", (unsigned long)(wait_status >> 8 & 0xff), "");
}

/* --- the program --- */

static void exec_in_path(char **argv, char **env)
{
	const char *path = "/usr/bin:/bin";
	int error = ENOENT;

	if (strchr(argv[0], '/') != NULL) {
		execve(argv[0], argv, env);
		return;
	}
	for (char **entry = env; *entry != NULL; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			path = *entry + 5;
	while (*path != '\0') {
		char file[PATH_MAX_BYTES] = "";
		const char *end = strchr(path, ':');
		size_t length = end == NULL ? strlen(path) : (size_t)(end - path);

		if (length + strlen(argv[0]) + 2 <= sizeof(file)) {
			memcpy(file, path, length);
			file[length] = '\0';
			strlcat(file, "/", sizeof(file));
			strlcat(file, argv[0], sizeof(file));
			execve(file, argv, env);
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
		}
		path += length + (end != NULL);
	}
	errno = error;
}

/* A script without its first line is for the shell, as everywhere. */
static void exec_as_script(char **argv, char **env)
{
	size_t count = 0;

	while (argv[count] != NULL)
		count++;
	char **shell = malloc((count + 2) * sizeof(*shell));

	if (shell == NULL)
		return;
	shell[0] = "/bin/sh";
	memcpy(shell + 1, argv, (count + 1) * sizeof(*shell));
	execve(shell[0], shell, env);
}

static void fail(int fd, const char *stage)
{
	struct failure failure = { .error = errno };

	strlcpy(failure.stage, stage, sizeof(failure.stage));
	write_all(fd, (const char *)&failure, sizeof(failure));
	exit(126);
}

/* `in`, `out` and `err` become 0, 1 and 2. */
static void become_program(const struct launch *launch, int in, int out, int err, int failures)
{
	const struct spec *spec = launch->spec;

	setsid();
	if (launch->terminal != NULL) {
		/* The first terminal that a session's leader opens becomes the session's. */
		in = out = err = open(launch->terminal, O_RDWR);
		if (in < 0)
			fail(failures, "pty");
	}
	/* All of them are above 2: the agent keeps 0, 1 and 2 open. */
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	if (failures != 3)
		dup3(failures, 3, O_CLOEXEC);
	close_from(4);
	set_signal(SIGPIPE, 0);
	if (chdir(spec->directory) < 0)
		fail(3, "dir");
	exec_in_path(spec->argv, spec->env);
	if (errno == ENOEXEC && strchr(spec->argv[0], '/') != NULL) {
		exec_as_script(spec->argv, spec->env);
		errno = ENOEXEC;
	}
	fail(3, "exec");
}

/* --- input --- */

static int write_input(int fd, const char *data, size_t length)
{
	int wait = 1;

	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written > 0) {
			data += written;
			length -= (size_t)written;
			wait = 1;
		} else if (written < 0 && errno == EAGAIN) {
			/*
			 * The terminal's other side is full: it shares this descriptor's flags with the output. The kernel tells
			 * of the room that comes when the program reads, but not of that which comes when the terminal moves
			 * what was written into an unfinished line: so it is asked again, less and less often.
			 */
			struct pollfd writable = { .fd = fd, .events = POLLOUT };

			poll(&writable, 1, wait);
			if (wait < INPUT_WAIT_MAX)
				wait *= 2;
		} else if (!(written < 0 && errno == EINTR)) {
			return -1;
		}
	}
	return 0;
}

static void pump_input(const struct task *task)
{
	/* At the end of input a terminal gets the character that says so. */
	const char end_of_input = 4;
	int from = open_file(task->id, "fd/0", O_RDONLY);
	int broken = 0;

	name_process("conch-input", task->id);
	if (from < 0)
		exit(1);
	for (;;) {
		ssize_t got = read(from, piece, sizeof(piece));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			exit(1);
		if (got == 0)
			break;
		/* Once the program has closed its input, what comes for it has nowhere to go. */
		if (!broken && write_input(task->input, piece, (size_t)got) < 0)
			broken = 1;
	}
	if (task->is_terminal && !broken)
		write_input(task->input, &end_of_input, 1);
	exit(0);
}

static void start_input(struct task *task)
{
	task->input_pump = fork();
	if (task->input_pump == 0) {
		if (task->input != 3)
			dup2(task->input, 3);
		task->input = 3;
		close_from(4);
		pump_input(task);
	}
	/* The program sees the end of its input when the pump goes. */
	if (!task->is_terminal)
		close(task->input);
}

/* --- output --- */

static void keep(const char *data, size_t length)
{
	size_t drop;

	if (length > KEPT_MAX) {
		data += length - KEPT_MAX;
		length = KEPT_MAX;
	}
	drop = kept_length + length > KEPT_MAX ? kept_length + length - KEPT_MAX : 0;
	memmove(kept, kept + drop, kept_length - drop);
	kept_length -= drop;
	memcpy(kept + kept_length, data, length);
	kept_length += length;
}

static void deliver(struct task *task, int stream, const char *data, size_t length)
{
	int fd;

	if (task->attached) {
		/* Nobody reads it any more: the program learns it as from any pipe. */
		if (write_all(task->files[stream], data, length) < 0 && errno == EPIPE && !task->is_terminal &&
		    task->outputs[stream] >= 0) {
			close(task->outputs[stream]);
			task->outputs[stream] = -1;
		}
		return;
	}
	keep(data, length);
	if (!task->delivering)
		return;
	/* Opened for each piece: a snapshot must find no file of this task open. */
	fd = open_file(task->id, "fd/1", O_WRONLY);
	if (fd < 0)
		return;
	write_all(fd, data, length);
	close(fd);
}

/* Everything that is at hand, up to a piece. The number of bytes; 0 where nothing is; the output is closed at its end. */
static size_t move_output(struct task *task, int stream)
{
	size_t length = 0;
	int ended = 0;

	while (length < sizeof(piece)) {
		ssize_t got = read(task->outputs[stream], piece + length, sizeof(piece) - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			ended = got == 0 || errno != EAGAIN;
			break;
		}
		length += (size_t)got;
	}
	if (length > 0)
		deliver(task, stream, piece, length);
	if (ended && task->outputs[stream] >= 0) {
		close(task->outputs[stream]);
		task->outputs[stream] = -1;
	}
	return length;
}

static void drain(struct task *task)
{
	for (int stream = 0; stream < 2; stream++)
		for (int count = 0; count < DRAIN_PIECES && task->outputs[stream] >= 0; count++)
			if (move_output(task, stream) == 0)
				break;
}

/* --- host --- */

/* From here on the host's files are the other end. */
static void attach(struct task *task, unsigned id)
{
	task->id = id;
	task->attached = 1;
	name_process("conch-output", id);
	task->status = open_file(id, "status", O_WRONLY);
	task->files[0] = open_file(id, "fd/1", O_WRONLY);
	task->files[1] = task->is_terminal ? -1 : open_file(id, "fd/2", O_WRONLY);
	report(task->status, "running ", (unsigned long)task->program, "");
	if (kept_length > 0)
		write_all(task->files[0], kept, kept_length);
	kept_length = 0;
	start_input(task);
}

/* The agent's orders for a warm task: an id to be adopted by, or `quiet`. */
static void take_order(struct task *task, int *orders)
{
	char order[32];
	const char *text = order;
	unsigned long id;
	ssize_t got = read(*orders, order, sizeof(order) - 1);

	if (got <= 0) {
		/* The agent has gone, and nobody can adopt this any more. */
		kill(-task->program, SIGKILL);
		close(*orders);
		*orders = -1;
		return;
	}
	order[got] = '\0';
	if (take_word(&text, "quiet\n")) {
		task->delivering = 0;
	}
	if (take_number(&text, &id)) {
		close(*orders);
		*orders = -1;
		attach(task, (unsigned)id);
	}
}

static void pump_output(struct task *task, int end, int orders)
{
	for (;;) {
		struct pollfd polled[4] = {
			{ .fd = task->outputs[0], .events = POLLIN },
			{ .fd = task->outputs[1], .events = POLLIN },
			{ .fd = end, .events = POLLIN },
			{ .fd = orders, .events = POLLIN },
		};

		if (poll(polled, 4, -1) < 0)
			continue;
		for (int stream = 0; stream < 2; stream++)
			if (polled[stream].revents != 0)
				move_output(task, stream);
		if (polled[3].revents != 0)
			take_order(task, &orders);
		if (polled[2].revents != 0)
			return;
	}
}

void run_task(const struct launch *launch)
{
	struct task task = { .id = launch->id, .delivering = 1, .outputs = { -1, -1 }, .is_terminal = launch->terminal != NULL };
	struct failure failure = { .error = 0 };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, failures[2];
	int end, wait_status = 0, terminal = -1;
	const char *stage = "fork";

	name_process("conch-warm", 0);
	if (pipe_cloexec(failures) < 0)
		goto failed;
	if (task.is_terminal) {
		stage = "pty";
		/* Held open, so that the master never sees a hangup while the program lives. */
		terminal = open(launch->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (terminal < 0 || set_flags(launch->master, O_NONBLOCK) < 0)
			goto failed;
		task.input = task.outputs[0] = launch->master;
	} else {
		if (pipe_cloexec(in) < 0 || pipe_cloexec(out) < 0 || pipe_cloexec(err) < 0 || set_flags(out[0], O_NONBLOCK) < 0 ||
		    set_flags(err[0], O_NONBLOCK) < 0)
			goto failed;
		task.input = in[1];
		task.outputs[0] = out[0];
		task.outputs[1] = err[0];
	}
	stage = "fork";
	task.program = fork();
	if (task.program < 0)
		goto failed;
	if (task.program == 0)
		become_program(launch, in[0], out[1], err[1], failures[1]);

	write_all(launch->ready, (const char *)&task.program, sizeof(task.program));
	close(launch->ready);
	close(failures[1]);
	if (!task.is_terminal) {
		close(in[0]);
		close(out[1]);
		close(err[1]);
	}
	end = pidfd_open(task.program);
	if (launch->orders < 0)
		attach(&task, launch->id);
	pump_output(&task, end, launch->orders);

	waitpid(task.program, &wait_status, 0);
	drain(&task);
	read(failures[0], &failure, sizeof(failure));
	if (task.attached)
		report_end(&task, wait_status, &failure);
	if (task.input_pump > 0)
		kill(task.input_pump, SIGKILL);
	exit(0);

failed:
	report_failure(launch->id, errno, stage);
	exit(1);
}
