/* Where the files of a task are, and what ps calls the agent's processes. Knows nothing of what a task is. */
#include "agent.h"

const char *task_root = "/task";
const char *run_folder = "/run/conch";
/* What ps shows. */
static char *command_line;
static size_t command_line_size;

void task_path(char *path, size_t size, unsigned id, const char *file)
{
	path[0] = '\0';
	strlcat(path, task_root, size);
	strlcat(path, "/", size);
	if (id != 0) {
		add_number(path, size, id);
		strlcat(path, "/", size);
	}
	strlcat(path, file, size);
}

void take_command_line(int argc, char **argv)
{
	command_line = argv[0];
	command_line_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
}

void name_process(const char *role, unsigned id)
{
	char name[40] = "";

	strlcat(name, role, sizeof(name));
	if (id != 0) {
		strlcat(name, " ", sizeof(name));
		add_number(name, sizeof(name), id);
	}
	memset(command_line, 0, command_line_size);
	strlcpy(command_line, name, command_line_size);
}
