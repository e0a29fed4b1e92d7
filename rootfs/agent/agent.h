/* What the parts of the agent know of each other. The protocol is client/machine/task/SPEC.md. */
#pragma once

#include "sys.h"

/* SPEC TASK-3. */
#define SPEC_MAX (256 * 1024)
#define PATH_MAX_BYTES 4096

/* A task as the host describes it: pointers into the text that was read. */
struct spec {
	int tty;
	struct window_size size;
	int control;
	const char *directory;
	char **argv;
	/* With a free place in front for one more. */
	char **env;
	/* What an adopter must have in common: all but the size. */
	const char *identity;
	size_t identity_length;
};

/* What a task's process needs to know to run it. */
struct launch {
	unsigned id;
	const struct spec *spec;
	/* The terminal's master and its name, or -1. */
	int master;
	const char *terminal;
	/* A warm task learns here whom it is adopted by, or -1. */
	int orders;
	/* Takes the pid of the program. */
	int ready;
};

/* names.c. The folders, which the agent's arguments may replace. */
extern const char *run_folder;
extern const char *task_root;
/* The path of a task's file; of a file beside the tasks for `id` 0. */
void task_path(char *path, size_t size, unsigned id, const char *file);
/* Names of processes are written over the arguments: call it before anything else. */
void take_command_line(int argc, char **argv);
/* For ps; `id` 0 for none. */
void name_process(const char *role, unsigned id);

/* spec.c. 0, or an errno. */
int read_spec(unsigned id, struct spec *spec);

/* task.c. The process of one task: starts its program, carries its bytes, reports its end. */
__attribute__((noreturn)) void run_task(const struct launch *launch);
void report_failure(unsigned id, int error, const char *stage);

/* wake.c. Waits for the host's wake line on the console. */
void wait_for_wake(int console);
void prepare_snapshot(void);

/* signals.c. The process group in the foreground of the terminal of the session that `leader` leads; 0 for none. */
pid_t foreground_group(pid_t leader);
int is_for_foreground(int signal);
/* SIGINT, so that it misses nobody. */
void interrupt_group(pid_t group, pid_t leader);

/* slots.c. A task as the agent knows it. */
struct slot {
	/* 0: free. */
	unsigned id;
	/* The task's process, and its program (which leads a session and a process group of its own). */
	pid_t process, program;
	int has_terminal;
	char terminal[24];
	/* A named pipe for control lines, or -1. */
	int lines;
	char lines_path[64];
	/* Of a warm task: where it takes orders, and what an adopter must have in common. */
	int orders;
	char *identity;
	size_t identity_length;
};

/* The modes of a fresh terminal. */
extern struct termios first_modes;
struct slot *find_slot(unsigned id);
void release(struct slot *slot);
void set_size(const struct slot *slot, const struct window_size *size);
void start_task(unsigned id, int warm);
/* SPEC WAKE-2. */
void quiet_warm_tasks(void);
