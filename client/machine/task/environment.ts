// What a task runs in where nothing else is asked for.

export const defaultDirectory = "/project";

export const defaultEnvironment: Readonly<Record<string, string>> = {
  HOME: "/root",
  LANG: "C.UTF-8",
  LOGNAME: "root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
  // Importing a module leaves no __pycache__ in everyone's /project; the system's own modules are compiled already.
  PYTHONDONTWRITEBYTECODE: "1",
  SHELL: "/bin/bash",
  TERM: "xterm-256color",
  USER: "root",
};
