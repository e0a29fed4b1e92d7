/* The agent's table of tasks: starts them, keeps them warm, has them adopted. Knows neither inbox nor console. */
#include "agent.h"

/* More than the 9P device has slots for. */
#define TASKS_MAX 512
/* Set in the id of a warm task that no host knows any more. */
#define PARKED (1U << 31)

struct termios first_modes;
static struct slot slots[TASKS_MAX];
static unsigned long pipes_made;

struct slot *find_slot(unsigned id)
{
	for (int index = 0; index < TASKS_MAX; index++)
		if (slots[index].id == id)
			return &slots[index];
	return NULL;
}

static void cool(struct slot *slot)
{
	if (slot->orders >= 0)
		close(slot->orders);
	slot->orders = -1;
	free(slot->identity);
	slot->identity = NULL;
}

void release(struct slot *slot)
{
	cool(slot);
	if (slot->lines >= 0) {
		close(slot->lines);
		unlink(slot->lines_path);
	}
	slot->id = 0;
}

static int open_terminal(struct slot *slot, const struct window_size *size)
{
	int number, unlock = 0;
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0 || ioctl(master, TIOCGPTN, &number) < 0) {
		close(master);
		return -1;
	}
	ioctl(master, TCGETS, &first_modes);
	/* Backspace in a line takes a whole character. */
	first_modes.c_iflag |= IUTF8;
	ioctl(master, TCSETS, &first_modes);
	ioctl(master, TIOCSWINSZ, (void *)size);
	slot->has_terminal = 1;
	strlcpy(slot->terminal, "/dev/pts/", sizeof(slot->terminal));
	add_number(slot->terminal, sizeof(slot->terminal), (unsigned long)number);
	return master;
}

/* The pipe is ours for reading too, so that a line never waits for its reader. */
static int make_line_pipe(struct slot *slot)
{
	strlcpy(slot->lines_path, run_folder, sizeof(slot->lines_path));
	strlcat(slot->lines_path, "/", sizeof(slot->lines_path));
	add_number(slot->lines_path, sizeof(slot->lines_path), ++pipes_made);
	unlink(slot->lines_path);
	if (mknod(slot->lines_path, S_IFIFO | 0600, 0) < 0)
		return -1;
	slot->lines = open(slot->lines_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return slot->lines;
}

static void launch_task(unsigned id, struct spec *spec, int warm)
{
	static char control[80];
	struct slot *slot = find_slot(0);
	struct launch launch = { .id = id, .spec = spec, .master = -1, .orders = -1 };
	int ready[2] = { -1, -1 }, orders[2] = { -1, -1 };
	const char *stage = "fork";

	if (slot == NULL) {
		report_failure(id, EAGAIN, stage);
		return;
	}
	*slot = (struct slot){ .lines = -1, .orders = -1 };
	if (spec->tty) {
		stage = "pty";
		launch.master = open_terminal(slot, &spec->size);
		if (launch.master < 0)
			goto failed;
		launch.terminal = slot->terminal;
	}
	stage = "fork";
	if (spec->control) {
		if (make_line_pipe(slot) < 0)
			goto failed;
		strlcpy(control, "CONCH_CONTROL=", sizeof(control));
		strlcat(control, slot->lines_path, sizeof(control));
		*--spec->env = control;
	}
	if (pipe_cloexec(ready) < 0)
		goto failed;
	launch.ready = ready[1];
	if (warm) {
		slot->identity = malloc(spec->identity_length);
		if (slot->identity == NULL || pipe_cloexec(orders) < 0)
			goto failed;
		memcpy(slot->identity, spec->identity, spec->identity_length);
		slot->identity_length = spec->identity_length;
		slot->orders = orders[1];
		launch.orders = orders[0];
	}
	slot->process = fork();
	if (slot->process < 0)
		goto failed;
	if (slot->process == 0) {
		/* Other tasks' pipes are not for this one to hold open. */
		for (int index = 0; index < TASKS_MAX; index++) {
			if (slots[index].id != 0 && slots[index].orders >= 0)
				close(slots[index].orders);
			if (slots[index].id != 0 && slots[index].lines >= 0)
				close(slots[index].lines);
		}
		if (slot->lines >= 0)
			close(slot->lines);
		if (slot->orders >= 0)
			close(slot->orders);
		close(ready[0]);
		run_task(&launch);
	}
	slot->id = id;
	close(ready[1]);
	if (orders[0] >= 0)
		close(orders[0]);
	if (launch.master >= 0)
		close(launch.master);
	/* Signals need the program's number: this lasts as long as a fork. */
	if (read(ready[0], &slot->program, sizeof(slot->program)) != sizeof(slot->program))
		slot->program = 0;
	close(ready[0]);
	return;

failed:
	report_failure(id, errno, stage);
	if (launch.master >= 0)
		close(launch.master);
	if (ready[0] >= 0) {
		close(ready[0]);
		close(ready[1]);
	}
	if (orders[0] >= 0)
		close(orders[0]);
	release(slot);
}

void set_size(const struct slot *slot, const struct window_size *size)
{
	int fd;

	if (!slot->has_terminal)
		return;
	fd = open(slot->terminal, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	ioctl(fd, TIOCSWINSZ, (void *)size);
	close(fd);
}

/* SPEC INBOX-1. */
static int adopt(unsigned id, const struct spec *spec)
{
	for (int index = 0; index < TASKS_MAX; index++) {
		struct slot *slot = &slots[index];
		char order[24] = "";

		if (slot->id == 0 || slot->identity == NULL || slot->has_terminal != spec->tty ||
		    slot->identity_length != spec->identity_length ||
		    memcmp(slot->identity, spec->identity, spec->identity_length) != 0)
			continue;
		/* One that died while it waited is of no use. */
		if (waitpid(slot->process, NULL, WNOHANG) != 0) {
			release(slot);
			continue;
		}
		add_number(order, sizeof(order), id);
		strlcat(order, "\n", sizeof(order));
		if (write_text(slot->orders, order) < 0)
			continue;
		slot->id = id;
		cool(slot);
		set_size(slot, &spec->size);
		return 1;
	}
	return 0;
}

void start_task(unsigned id, int warm)
{
	struct spec spec;
	int error = read_spec(id, &spec);

	if (error != 0)
		report_failure(id, error, "spec");
	else if (warm || !adopt(id, &spec))
		launch_task(id, &spec, warm);
}

void quiet_warm_tasks(void)
{
	for (int index = 0; index < TASKS_MAX; index++)
		if (slots[index].id != 0 && slots[index].orders >= 0) {
			write_text(slots[index].orders, "quiet\n");
			/* The host that wakes us counts its tasks from 1. */
			slots[index].id |= PARKED;
		}
}
