#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static char *const kNoEnvironment[] = {NULL};

static int fork_exit(long n) {
  for (long i = 0; i < n; i++) {
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid < 0 || reap(pid) != 0) return -1;
  }
  return 0;
}

static int fork_exec(long n) {
  char *const argv[] = {"/bin/hello", NULL};
  for (long i = 0; i < n; i++) {
    const pid_t pid = fork();
    if (pid == 0) {
      execve(argv[0], argv, kNoEnvironment);
      _exit(127);
    }
    if (pid < 0 || reap(pid) != 0) return -1;
  }
  return 0;
}

static int vfork_exec(long n) {
  char *const argv[] = {"/bin/hello", NULL};
  for (volatile long i = 0; i < n; i++) {
    const pid_t pid = vfork();
    if (pid == 0) {
      execve(argv[0], argv, kNoEnvironment);
      _exit(127);
    }
    if (pid < 0 || reap(pid) != 0) return -1;
  }
  return 0;
}

static int shell(long n) {
  char *const argv[] = {"sh", "-c", "/bin/hello", NULL};
  for (long i = 0; i < n; i++) {
    const pid_t pid = fork();
    if (pid == 0) {
      execve("/bin/sh", argv, kNoEnvironment);
      _exit(127);
    }
    if (pid < 0 || reap(pid) != 0) return -1;
  }
  return 0;
}

const struct row process_rows[] = {{.name = "fork_exit", .op = fork_exit, .n = 20},
                                   {.name = "fork_exec", .op = fork_exec, .n = 20},
                                   {.name = "vfork_exec", .op = vfork_exec, .n = 20},
                                   {.name = "sh_c", .op = shell, .n = 10},
                                   {0}};
