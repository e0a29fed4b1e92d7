/* Who on a terminal is in the foreground, and signals that reach it. Knows no tasks. */
#include "agent.h"

/* How long a process may take from its fork to its exec, under emulation. */
#define EXEC_STEPS 5
#define EXEC_STEP_MS 20
#define MEMBERS_MAX 64

/* Fields of /proc/PID/stat, as proc(5) numbers them. */
enum field { GROUP = 5, FOREGROUND = 8, BLOCKED = 32, IGNORED = 33, CAUGHT = 34 };

/* The line of a process behind its name, which may hold anything; NULL where there is no such process. */
static const char *read_stat(pid_t pid, char *text, size_t size)
{
	char path[40] = "/proc/";
	const char *end;
	ssize_t got;
	int fd;

	add_number(path, sizeof(path), (unsigned long)pid);
	strlcat(path, "/stat", sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	got = read(fd, text, size - 1);
	close(fd);
	if (got <= 0)
		return NULL;
	text[got] = '\0';
	end = strrchr(text, ')');
	return end == NULL ? NULL : end + 1;
}

/* 0 for what is no positive number. */
static unsigned long field_of(const char *stat, enum field field)
{
	unsigned long number;

	for (int before = 3; stat != NULL && before < (int)field; before++)
		stat = strchr(stat + 1, ' ');
	if (stat == NULL)
		return 0;
	stat++;
	return take_number(&stat, &number) ? number : 0;
}

pid_t foreground_group(pid_t leader)
{
	char text[512];
	const char *stat = read_stat(leader, text, sizeof(text));

	return stat == NULL ? 0 : (pid_t)field_of(stat, FOREGROUND);
}

int is_for_foreground(int signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGTSTP || signal == SIGCONT;
}

/* Everybody in the group but the leader of the session, as many as there is room for. */
static int list_members(pid_t group, pid_t leader, pid_t members[MEMBERS_MAX])
{
	char entries[1024], text[512];
	int count = 0, got;
	int folder = open("/proc", O_RDONLY | O_CLOEXEC);

	if (folder < 0)
		return 0;
	while ((got = getdents64(folder, (void *)entries, sizeof(entries))) > 0) {
		for (int at = 0; at < got;) {
			const struct linux_dirent64 *entry = (const void *)(entries + at);
			const char *name = entry->d_name;
			unsigned long pid;

			at += entry->d_reclen;
			if (!take_number(&name, &pid) || (pid_t)pid == leader || count == MEMBERS_MAX)
				continue;
			if ((pid_t)field_of(read_stat((pid_t)pid, text, sizeof(text)), GROUP) == group)
				members[count++] = (pid_t)pid;
		}
	}
	close(folder);
	return count;
}

/*
 * A process that a shell has just forked, and that still has the shell's handler, loses the signal when it calls exec. Who
 * was in the group, is still there and has arranged nothing for the signal has lost it, and gets it again.
 */
void interrupt_group(pid_t group, pid_t leader)
{
	const unsigned long bit = 1UL << (SIGINT - 1);
	pid_t members[MEMBERS_MAX];
	char text[512];
	int count = list_members(group, leader, members);

	kill(-group, SIGINT);
	/* See cells.bash; for everybody else it is nothing. */
	kill(leader, SIGURG);
	for (int step = 0; step < EXEC_STEPS && count > 0; step++) {
		int left = 0;

		msleep(EXEC_STEP_MS);
		for (int index = 0; index < count; index++) {
			const char *stat = read_stat(members[index], text, sizeof(text));

			if ((pid_t)field_of(stat, GROUP) != group)
				continue;
			if (((field_of(stat, BLOCKED) | field_of(stat, IGNORED) | field_of(stat, CAUGHT)) & bit) == 0)
				kill(members[index], SIGINT);
			members[left++] = members[index];
		}
		count = left;
	}
}
