/* The command that the launcher asks for, and its three pipes. */
#ifndef AGENT_COMMAND_H
#define AGENT_COMMAND_H

#include <sys/types.h>

struct command {
  pid_t pid;
  int in, out, err; /* our ends; `in` does not block; -1 once closed */
};

/* Reads the NUL-separated arguments in `path`; returns a NULL-terminated array, or NULL. */
char** command_read(const char* path);

/* Starts argv[0], looked for in PATH. Returns 0, or -1 with errno. A command that cannot be executed says so on its
   standard error and exits 127 (not found) or 126, as with a shell. */
int command_start(struct command* command, char** argv);

#endif
