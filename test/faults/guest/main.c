#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

static const struct operation* const families[] = {file_operations, memory_operations, process_operations,
                                                   ipc_operations, event_operations};
static int counter;  // /proc/self/fail-nth
enum { MOST_ALLOCATIONS = 2000, DESCRIPTORS = 64 };

static unsigned long open_descriptors(void) {
  unsigned long open = 0;
  for (int fd = 0; fd < DESCRIPTORS; fd++)
    if (fcntl(fd, F_GETFD) >= 0) open |= 1ul << fd;
  return open;
}

static int entries_here(void) {
  char line[256];
  int count = 0;
  FILE* list = popen("ls -a | wc -l", "r");
  if (!list || !fgets(line, sizeof line, list)) return -1;
  count = atoi(line);
  pclose(list);
  return count;
}

static void complain(const struct operation* op, int nth, const char* what) {
  printf("not ok %s: allocation %d: %s\n", op->name, nth, what);
  exit(1);
}

/// What is left of the count: 0 when the failure came; -1 when it came to the read itself.
static int left(void) {
  char text[16] = "";
  return pread(counter, text, sizeof text - 1, 0) > 0 ? atoi(text) : -1;
}

static void set(int nth) {
  char text[16];
  const int length = snprintf(text, sizeof text, "%d", nth);
  while (pwrite(counter, text, (size_t)length, 0) != length) continue;
}

static int rest, error;

int settled(long result) {
  error = errno;
  rest = left();
  set(0);
  return result < 0 ? -1 : 0;
}

int close_if_open(int fd) { return settled(fd) != 0 ? -1 : close(fd); }

/// Every allocation in turn. Ends with the first count that the call does not use up.
static void run(const struct operation* op) {
  if (op->setup && op->setup() != 0) complain(op, 0, strerror(errno));
  const unsigned long before = open_descriptors();
  const int names = entries_here();
  int failures = 0;
  for (int nth = 1;; nth++) {
    if (nth > MOST_ALLOCATIONS) complain(op, nth, "no end");
    set(nth);
    errno = 0;
    const int result = op->attempt();
    if (result != 0 && error != ENOMEM && error != EAGAIN && error != ENOBUFS && error != ENFILE && error != ENOSPC)
      complain(op, nth, strerror(error));
    if (open_descriptors() != before) complain(op, nth, "descriptors differ");
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) complain(op, nth, "a child is left");
    failures += result != 0;
    if (rest != 0 && result == 0) break;
    if (rest > 0) complain(op, nth, "failed without a failing allocation");
  }
  if (entries_here() != names) complain(op, 0, "names differ");
  printf("ok %s %d\n", op->name, failures);
}

/// In a child, so that one operation's end is not the others'.
static int run_apart(const struct operation* op) {
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    counter = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
    if (counter < 0) complain(op, 0, "no /proc/self/fail-nth");
    run(op);
    exit(0);
  }
  int status;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return 1;
  if (WIFSIGNALED(status)) printf("not ok %s: ended by signal %d\n", op->name, WTERMSIG(status));
  return status != 0;
}

int main(int argc, char** argv) {
  int bad = 0;
  if (chdir("/tmp") != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR) return 2;
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct operation* op = families[f]; op->name; op++)
      if (argc < 2 || strcmp(argv[1], op->name) == 0) bad |= run_apart(op);
  return bad;
}
