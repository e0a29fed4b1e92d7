/*
 * Stands for a WebAssembly program in Linux: binfmt_misc starts it in the program's place, so that it has the program's
 * arguments, environment, folder, streams, terminal and signals. The program runs in the host; this performs its system
 * calls, one after the other (client/machine/task/SPEC.md, EXEC-1 to EXEC-7). It knows of none what it does.
 * Started by its own name, it runs a program that has no more than what the options give it.
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
#define WRONG_USE 2
#define GIVEN_MAX 64
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

/* What the options give: NULL where binfmt_misc has started this, and the program has everything. */
struct given {
	const char *folders[GIVEN_MAX + 1];
	char *env[GIVEN_MAX + 1];
	int folder_count, env_count;
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

/* The text of the start, and where its next string goes. */
static char text[START_BYTES], *at = text;

static void put(const char *program, const char *string, size_t length)
{
	if (at + length + 1 > text + sizeof(text))
		fail(program, ": cannot execute: its arguments and environment are too long\n");
	memcpy(at, string, length);
	at[length] = '\0';
	at += length + 1;
}

static void put_number(const char *program, int number)
{
	char digits[16];

	utoa_r((unsigned long)number, digits);
	put(program, digits, strlen(digits));
}

/* SPEC EXEC-7: PATH::NAME, or a path that is its own name. */
static void put_folder(const char *program, const char *folder)
{
	const char *end = folder + strlen(folder);

	for (const char *colon = folder; colon[0] != '\0'; colon++)
		if (colon[0] == ':' && colon[1] == ':') {
			put(program, folder, (size_t)(colon - folder));
			put(program, colon + 2, (size_t)(end - colon - 2));
			return;
		}
	for (int time = 0; time < 2; time++)
		put(program, folder, (size_t)(end - folder));
}

static void put_all(const char *program, char **strings)
{
	for (; *strings != NULL; strings++)
		put(program, *strings, strlen(*strings));
}

/* SPEC EXEC-1. */
static void start(char **argv, char **env, int program, const struct given *given)
{
	static char folder[4096] = "/";
	int count = 0;

	if (my_syscall2(__NR_getcwd, folder, sizeof(folder)) < 0 || folder[0] != '/')
		strlcpy(folder, "/", sizeof(folder));
	while (argv[count] != NULL)
		count++;
	put_number(argv[0], getpid());
	put_number(argv[0], program);
	put(argv[0], folder, strlen(folder));
	if (given == NULL)
		put(argv[0], "*", 1);
	else {
		put_number(argv[0], given->folder_count);
		for (int index = 0; index < given->folder_count; index++)
			put_folder(argv[0], given->folders[index]);
	}
	put_number(argv[0], count);
	put_all(argv[0], argv);
	put_all(argv[0], env);
	if (write(door, text, (size_t)(at - text)) >= 0)
		return;
	if (errno == ENOSYS)
		fail(argv[0], ": cannot execute: this machine runs no WebAssembly programs\n");
	if (errno == EILSEQ)
		fail(argv[0], ": cannot execute: its arguments and environment are not UTF-8\n");
	fail(argv[0], ": cannot execute: the machine refuses it\n");
}

static void wrong_use(void)
{
	write_text(2, "usage: conch-wasm [run] [--dir PATH[::NAME]]... [--env NAME=VALUE]... PROGRAM [ARGUMENT]...\n"
		      "Runs a WebAssembly program that sees these folders and these variables, and nothing else.\n");
	exit(WRONG_USE);
}

/* The value of an option `--name VALUE` or `--name=VALUE`; NULL where it is another. */
static const char *option(const char *name, char ***argv)
{
	size_t length = strlen(name);
	const char *word = **argv;

	if (strncmp(word, name, length) != 0 || (word[length] != '\0' && word[length] != '='))
		return NULL;
	if (word[length] == '=')
		return word + length + 1;
	(*argv)++;
	if (**argv == NULL)
		wrong_use();
	return **argv;
}

/* SPEC EXEC-7: what stands before the program. Returns where that is. */
static char **read_options(char **argv, struct given *given)
{
	const char *value;

	argv++;
	if (*argv != NULL && strcmp(*argv, "run") == 0)
		argv++;
	for (; *argv != NULL && (*argv)[0] == '-'; argv++) {
		if (strcmp(*argv, "--") == 0) {
			argv++;
			break;
		}
		if ((value = option("--dir", &argv)) != NULL && given->folder_count < GIVEN_MAX)
			given->folders[given->folder_count++] = value;
		else if (value == NULL && (value = option("--env", &argv)) != NULL && given->env_count < GIVEN_MAX)
			given->env[given->env_count++] = (char *)value;
		else
			wrong_use();
	}
	if (*argv == NULL)
		wrong_use();
	return argv;
}

int main(int argc, char **argv, char **env)
{
	static struct given given;
	const unsigned long *auxiliary;
	const char *path;
	char **end = env;
	int program = -1;

	while (*end != NULL)
		end++;
	for (auxiliary = (const unsigned long *)(end + 1); auxiliary[0] != 0; auxiliary += 2)
		if (auxiliary[0] == AT_EXECFD)
			program = (int)auxiliary[1];
	/* binfmt_misc: this, the program's path, and its own arguments. */
	const int by_linux = program >= 0 && argc >= 3;
	if (by_linux) {
		path = argv[1];
		argv += 2;
	} else {
		argv = read_options(argv, &given);
		path = argv[0];
		env = given.env;
		program = open(path, O_RDONLY | O_CLOEXEC);
		if (program < 0)
			fail(path, ": cannot execute: it cannot be opened\n");
	}
	/* What ps, pgrep and killall know it by. */
	const char *slash = strrchr(path, '/');
	my_syscall2(__NR_prctl, PR_SET_NAME, slash == NULL ? path : slash + 1);
	door = open(DOOR, O_RDWR | O_CLOEXEC);
	if (door < 0)
		fail(argv[0], ": cannot execute: " DOOR " cannot be opened\n");
	start(argv, env, program, by_linux ? NULL : &given);
	static struct desk first;
	serve(&first);
}
