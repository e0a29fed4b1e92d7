/* Who on a terminal is in the foreground, and signals that reach it. Knows no tasks. */
#include "agent.h"

/* How long a shell may take from a fork to giving its terminal away, under emulation. */
#define HANDOVER_STEPS 10
#define HANDOVER_STEP_MS 10

/* The terminal's foreground process group: the eighth field of stat, counted behind the name. */
pid_t foreground_group(pid_t leader)
{
	char path[40] = "/proc/", text[512];
	const char *at;
	unsigned long group;
	ssize_t got;
	int fd;

	add_number(path, sizeof(path), (unsigned long)leader);
	strlcat(path, "/stat", sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	at = strrchr(text, ')');
	for (int field = 0; at != NULL && field < 6; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		return 0;
	at++;
	return take_number(&at, &group) ? (pid_t)group : 0;
}

int is_for_foreground(int signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGTSTP || signal == SIGCONT;
}

/*
 * A signal that comes while a shell has forked a command, but has not given it the terminal yet, reaches the shell alone:
 * the command gets it when it is in the foreground. `leader` is the shell, `before` the group that got the signal.
 */
void follow_foreground(pid_t leader, pid_t before, int signal)
{
	if (before != leader || signal != SIGINT)
		return;
	for (int step = 0; step < HANDOVER_STEPS; step++) {
		pid_t now;

		msleep(HANDOVER_STEP_MS);
		now = foreground_group(leader);
		if (now <= 1 || now == before)
			continue;
		kill(-now, signal);
		return;
	}
}
