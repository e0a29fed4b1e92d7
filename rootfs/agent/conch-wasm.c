/*
 * Stands for a WebAssembly program in Linux: binfmt_misc starts it in the program's place, so that it has the program's
 * arguments, environment, folder, streams, terminal and signals. The program runs in the host; this performs its system
 * calls, one after the other (client/machine/task/SPEC.md, EXEC-1 to EXEC-6). It knows of none what it does.
 */
#include "sys.h"

#define DOOR "/task/exec"
/* SPEC EXEC-3. */
#define MEMORY_BYTES (160 * 1024)
#define FURTHER_MAX 2
#define HELP (~0U)
#define WHOLE_RESULT (~0U)
/* One 9P message must carry it. */
#define START_BYTES (240 * 1024)
#define STACK_BYTES (16 * 1024)
#define AT_EXECFD 2
#define CANNOT_EXECUTE 126
#define PR_SET_NAME 15

/* `results`: which arguments are the result of the request's first call. */
struct call {
	unsigned number, arguments[6], pointers, results;
};

struct request {
	unsigned id;
	struct call first;
	unsigned back_offset, back_length, further, length;
	/* The further calls, then what is put into the memory. */
	char bytes[FURTHER_MAX * sizeof(struct call) + MEMORY_BYTES];
};

struct answer {
	unsigned id;
	int result;
	char bytes[MEMORY_BYTES];
};

/* What one thread serves with. */
struct desk {
	struct request request;
	struct answer answer;
	char memory[MEMORY_BYTES];
	char stack[STACK_BYTES];
};

static int door;

static void fail(const char *program, const char *why)
{
	write_text(2, program);
	write_text(2, why);
	exit(CANNOT_EXECUTE);
}

static long page_aligned_memory(size_t size)
{
	/* PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS; not nolibc's mmap, whose errno threads would share. */
	return my_syscall6(__NR_mmap2, 0, size, 3, 0x22, -1, 0);
}

static void help(void);
/* Not static: help() calls it by name, with its argument on the stack. */
void serve(struct desk *desk);

static int has_failed(long result)
{
	return result < 0 && result > -4096;
}

static long perform_call(struct desk *desk, const struct call *call, long first)
{
	unsigned arguments[6];

	for (int index = 0; index < 6; index++) {
		arguments[index] = call->arguments[index];
		if (call->pointers & 1U << index)
			arguments[index] += (unsigned)desk->memory;
		if (call->results & 1U << index)
			arguments[index] = (unsigned)first;
	}
	return my_syscall6(call->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
			   arguments[5]);
}

static int perform(struct desk *desk)
{
	const struct request *request = &desk->request;
	const struct call *further = (const struct call *)request->bytes;
	size_t back = request->back_length;
	long first, result;

	if (request->further > FURTHER_MAX || request->length > MEMORY_BYTES || request->back_offset > MEMORY_BYTES)
		return -1;
	memcpy(desk->memory, request->bytes + request->further * sizeof(*further), request->length);
	first = result = perform_call(desk, &request->first, 0);
	for (unsigned index = 0; index < request->further && !has_failed(first); index++) {
		long another = perform_call(desk, &further[index], first);

		if (has_failed(another) && !has_failed(result))
			result = another;
	}
	if (back == WHOLE_RESULT)
		back = result < 0 ? 0 : (size_t)result;
	if (has_failed(result) || request->back_offset + back > MEMORY_BYTES)
		back = 0;
	desk->answer.id = request->id;
	desk->answer.result = (int)result;
	memcpy(desk->answer.bytes, desk->memory + request->back_offset, back);
	return my_syscall5(__NR_pwrite64, door, &desk->answer, 8 + back, 0, 0) < 0 ? -1 : 0;
}

/*
 * Ends with the process only. pread and pwrite, though the door knows no offsets: Linux makes a read() that waits keep
 * every write() to the same open file waiting.
 */
__attribute__((noreturn)) void serve(struct desk *desk)
{
	for (;;) {
		long got = my_syscall5(__NR_pread64, door, &desk->request, sizeof(desk->request), 0, 0);

		if (got == -EINTR)
			continue;
		/* The host has gone: as if it had been killed. */
		if (got < (long)(sizeof(desk->request) - sizeof(desk->request.bytes)))
			my_syscall1(__NR_exit_group, 128 + SIGKILL);
		if (desk->request.first.number == HELP)
			help();
		else if (perform(desk) < 0)
			my_syscall1(__NR_exit_group, 128 + SIGKILL);
	}
}

/* A thread that serves as well (SPEC EXEC-5). */
static void help(void)
{
	/* CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM */
	const long flags = 0x00000100 | 0x00000200 | 0x00000400 | 0x00000800 | 0x00010000 | 0x00040000;
	long memory = page_aligned_memory(sizeof(struct desk)), result;
	struct desk **stack;

	if (memory < 0 && memory > -4096)
		return;
	/* serve() finds its argument above the place of a return address. */
	stack = (struct desk **)(((struct desk *)memory)->stack + STACK_BYTES) - 4;
	stack[0] = (struct desk *)memory;
	__asm__ volatile("int $0x80\n\t"
			 "testl %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "call serve\n"
			 "1:"
			 : "=a"(result)
			 : "0"(__NR_clone), "b"(flags), "c"(stack), "d"(0), "S"(0), "D"(0)
			 : "memory", "cc");
}

/* SPEC EXEC-1. */
static void start(char **argv, char **env, int program)
{
	static char text[START_BYTES], folder[4096] = "/";
	char *at = text;
	int count = 0;

	if (my_syscall2(__NR_getcwd, folder, sizeof(folder)) < 0 || folder[0] != '/')
		strlcpy(folder, "/", sizeof(folder));
	while (argv[count] != NULL)
		count++;
	utoa_r((unsigned long)getpid(), at);
	at += strlen(at) + 1;
	utoa_r((unsigned long)program, at);
	at += strlen(at) + 1;
	strlcpy(at, folder, sizeof(folder));
	at += strlen(at) + 1;
	utoa_r((unsigned long)count, at);
	at += strlen(at) + 1;
	for (int pass = 0; pass < 2; pass++)
		for (char **string = pass == 0 ? argv : env; *string != NULL; string++) {
			size_t length = strlen(*string) + 1;

			if (at + length > text + sizeof(text))
				fail(argv[0], ": cannot execute: its arguments and environment are too long\n");
			memcpy(at, *string, length);
			at += length;
		}
	if (write(door, text, (size_t)(at - text)) >= 0)
		return;
	if (errno == ENOSYS)
		fail(argv[0], ": cannot execute: this machine runs no WebAssembly programs\n");
	if (errno == EILSEQ)
		fail(argv[0], ": cannot execute: its arguments and environment are not UTF-8\n");
	fail(argv[0], ": cannot execute: the machine refuses it\n");
}

int main(int argc, char **argv, char **env)
{
	const unsigned long *auxiliary;
	char **end = env;
	int program = -1;

	/* binfmt_misc: this, the program's path, and its own arguments. */
	if (argc < 3)
		fail("conch-wasm", ": is started by Linux for a WebAssembly program\n");
	while (*end != NULL)
		end++;
	for (auxiliary = (const unsigned long *)(end + 1); auxiliary[0] != 0; auxiliary += 2)
		if (auxiliary[0] == AT_EXECFD)
			program = (int)auxiliary[1];
	if (program < 0)
		program = open(argv[1], O_RDONLY | O_CLOEXEC);
	/* What ps, pgrep and killall know it by. */
	const char *slash = strrchr(argv[1], '/');
	my_syscall2(__NR_prctl, PR_SET_NAME, slash == NULL ? argv[1] : slash + 1);
	door = open(DOOR, O_RDWR | O_CLOEXEC);
	if (program < 0 || door < 0)
		fail(argv[2], ": cannot execute: " DOOR " or the program itself cannot be opened\n");
	start(argv + 2, env, program);
	static struct desk first;
	serve(&first);
}
