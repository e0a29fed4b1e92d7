/* PID 1: mounts what a Linux has, brings loopback up, names who runs WebAssembly, starts the agent, reaps orphans. Knows nothing of tasks. */
#include "sys.h"

#define BINARY_FORMATS "/proc/sys/fs/binfmt_misc"
/* P: the program keeps its own name as argv[0]; O: its file is open already. */
#define WEB_ASSEMBLY ":wasm:M::\\x00asm::/usr/lib/conch/conch-wasm:PO"
#define AGENT "/usr/lib/conch/conch-agent"

/* mount(2) flags */
#define MS_NOSUID 2
#define MS_NODEV 4
#define MS_NOEXEC 8

struct mount_point {
	const char *type, *path;
	unsigned long flags;
	const char *options;
};

static const struct mount_point mounts[] = {
	{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	/* The kernel may have mounted it already. */
	{ "devtmpfs", "/dev", MS_NOSUID, NULL },
	{ "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755" },
	{ "binfmt_misc", BINARY_FORMATS, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
};

static const char *const folders[] = { "/run/lock", "/run/user" };

/* What udev would link. */
static const char *const links[][2] = {
	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

static char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root", NULL };

static void say(const char *text, const char *about)
{
	char line[160] = "conch-init: ";

	strlcat(line, text, sizeof(line));
	strlcat(line, about, sizeof(line) - 1);
	strlcat(line, "\n", sizeof(line));
	write_text(2, line);
}

static void mount_all(void)
{
	for (size_t index = 0; index < sizeof(mounts) / sizeof(*mounts); index++) {
		const struct mount_point *point = &mounts[index];

		mkdir(point->path, 0755);
		if (mount(point->type, point->path, point->type, point->flags, point->options) < 0 && errno != EBUSY)
			say("cannot mount ", point->path);
	}
	for (size_t index = 0; index < sizeof(folders) / sizeof(*folders); index++)
		mkdir(folders[index], 0755);
	for (size_t index = 0; index < sizeof(links) / sizeof(*links); index++)
		symlink(links[index][0], links[index][1]);
}

/* The kernel gives lo its address when it comes up. */
static void raise_loopback(void)
{
	struct {
		char name[16];
		short flags;
		char rest[22];
	} request = { .name = "lo" };
	int fd = sys_result(my_syscall3(__NR_socket, 2 /* AF_INET */, 2 /* SOCK_DGRAM */ | O_CLOEXEC, 0));

	if (fd < 0)
		return;
	if (ioctl(fd, 0x8913 /* SIOCGIFFLAGS */, &request) == 0) {
		request.flags |= 1 /* IFF_UP */;
		ioctl(fd, 0x8914 /* SIOCSIFFLAGS */, &request);
	}
	close(fd);
}

static void register_web_assembly(void)
{
	int fd = open(BINARY_FORMATS "/register", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write_text(fd, WEB_ASSEMBLY) < 0)
		say("cannot register ", "WebAssembly");
	if (fd >= 0)
		close(fd);
}

/* Without a console from the kernel there would be no 0, 1 and 2. */
static void open_standard_files(void)
{
	int fd;

	while ((fd = open("/dev/console", O_RDWR | O_NOCTTY)) >= 0 && fd < 3)
		;
	if (fd >= 0)
		close(fd);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 0)
		close(fd);
}

static pid_t start_agent(void)
{
	char *const argv[] = { AGENT, "/task", "/dev/ttyS0", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		execve(AGENT, argv, environment);
		say("cannot run ", AGENT);
		exit(127);
	}
	return pid;
}

int main(void)
{
	pid_t agent;

	umask(022);
	mount_all();
	open_standard_files();
	set_hostname("conch");
	raise_loopback();
	register_web_assembly();
	chdir("/");
	agent = start_agent();
	for (;;) {
		pid_t pid = wait(NULL);

		if (pid == agent || agent < 0) {
			say("the agent has ended and starts again", "");
			sleep(1);
			agent = start_agent();
		} else if (pid < 0) {
			sleep(1);
		}
	}
}
