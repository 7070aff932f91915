#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static char* const kNoEnvironment[] = {NULL};

static int fork_exit(long n) {
  for (long i = 0; i < n; i++) {
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid < 0 || reap(pid) != 0) return -1;
  }
  return 0;
}

static int fork_exec_of(char* program, long n) {
  char* const argv[] = {program, NULL};
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

static int fork_exec(long n) { return fork_exec_of("/bin/hello", n); }
static int exec_dynamic(long n) { return fork_exec_of("/bin/hello-dynamic", n); }

static int vfork_exec(long n) {
  char* const argv[] = {"/bin/hello", NULL};
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
  char* const argv[] = {"sh", "-c", "/bin/hello", NULL};
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

/// fork+exit of a process with written memory: what fork costs beyond a small one. Written once per row: a gigabyte takes
/// longer to write than to fork many times.
static int fill_memory(size_t bytes) {
  static char* resident;
  if (resident) return 0;
  resident = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (resident == MAP_FAILED || madvise(resident, bytes, MADV_NOHUGEPAGE) != 0) return -1;
  for (size_t at = 0; at < bytes; at += 4096) resident[at] = 1;
  return 0;
}

static int fill_1mib(long n) { return (void)n, fill_memory(1 << 20); }
static int fill_100mib(long n) { return (void)n, fill_memory(100 << 20); }
static int fill_1gib(long n) { return (void)n, fill_memory(1 << 30); }

const struct row process_rows[] = {{.name = "fork_exit", .op = fork_exit, .n = 20},
                                   {.name = "fork_exec", .op = fork_exec, .n = 20},
                                   {.name = "exec_dynamic", .op = exec_dynamic, .n = 20},
                                   {.name = "vfork_exec", .op = vfork_exec, .n = 20},
                                   {.name = "sh_c", .op = shell, .n = 10},
                                   {.name = "fork_1mib", .op = fork_exit, .n = 20, .prepare = fill_1mib},
                                   {.name = "fork_100mib", .op = fork_exit, .n = 3, .prepare = fill_100mib},
                                   {.name = "fork_1gib", .op = fork_exit, .n = 1, .prepare = fill_1gib},
                                   {0}};
