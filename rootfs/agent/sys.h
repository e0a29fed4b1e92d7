/* What the kernel tree's nolibc lacks: system calls, and a little text. Knows nothing of Conch. */
#pragma once

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/sched.h>
#include <linux/time_types.h>

/* fcntl.h, signal.h and others, whose headers are a C library's. */
#ifndef O_CLOEXEC
#define O_CLOEXEC 02000000
#endif
#ifndef S_IFIFO
#define S_IFIFO 0010000
#endif
#define F_SETFL 4

struct window_size {
	unsigned short rows, cols, width, height;
};

static inline int sys_result(long result)
{
	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
}

static inline int pipe_cloexec(int fds[2])
{
	return sys_result(my_syscall2(__NR_pipe2, fds, O_CLOEXEC));
}

static inline int set_flags(int fd, int flags)
{
#ifdef __NR_fcntl64
	return sys_result(my_syscall3(__NR_fcntl64, fd, F_SETFL, flags));
#else
	return sys_result(my_syscall3(__NR_fcntl, fd, F_SETFL, flags));
#endif
}

static inline int pidfd_open(pid_t pid)
{
	return sys_result(my_syscall2(__NR_pidfd_open, pid, 0));
}

/* Closes every descriptor from `first` up. */
static inline void close_from(unsigned first)
{
	my_syscall3(__NR_close_range, first, ~0U, 0);
}

static inline int set_clock(long long seconds, long nanoseconds)
{
	struct __kernel_timespec now = { .tv_sec = seconds, .tv_nsec = nanoseconds };
#ifdef __NR_clock_settime64
	return sys_result(my_syscall2(__NR_clock_settime64, 0, &now));
#else
	return sys_result(my_syscall2(__NR_clock_settime, 0, &now));
#endif
}

static inline void sync_all(void)
{
	my_syscall0(__NR_sync);
}

static inline int set_hostname(const char *name)
{
	return sys_result(my_syscall2(__NR_sethostname, name, strlen(name)));
}

/* `ignore`, or the default. Handlers are not needed. */
static inline void set_signal(int signal, int ignore)
{
	struct {
		unsigned long handler, flags, restorer, mask[2];
	} action = { .handler = ignore ? 1 : 0 };

	my_syscall4(__NR_rt_sigaction, signal, &action, 0, 8);
}

/* --- text --- */

/* Reads a decimal number and moves *text behind it; 0 where there is none or it is too large. */
static inline int take_number(const char **text, unsigned long *number)
{
	const char *at = *text;
	unsigned long value = 0;

	while (*at >= '0' && *at <= '9') {
		if (value > (~0UL - 9) / 10)
			return 0;
		value = value * 10 + (unsigned long)(*at++ - '0');
	}
	if (at == *text)
		return 0;
	*text = at;
	*number = value;
	return 1;
}

static inline int take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return 0;
	*text += length;
	return 1;
}

/* Appends what fits into `size` bytes, NUL included. */
static inline void add_number(char *text, size_t size, unsigned long number)
{
	char digits[24];

	utoa_r(number, digits);
	strlcat(text, digits, size);
}

static inline int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		data += written;
		length -= (size_t)written;
	}
	return 0;
}

static inline int write_text(int fd, const char *text)
{
	return write_all(fd, text, strlen(text));
}
