#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static const struct row* const families[] = {syscall_rows, file_rows,      pipe_rows,         signal_rows,
                                             process_rows, memory_rows,    tmpfs_rows,        thread_rows,
                                             event_rows,   hackbench_rows, fault_thread_rows, file_mapping_rows};
static const long kTargetNs = 20 * 1000 * 1000;  // length of one repeat when measuring time
static int measuring_time;
static int repeats = 11;

int pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set);
}

int reap(int pid) {
  int status;
  const pid_t gone = waitpid(pid, &status, 0);
  if (gone < 0 || (pid > 0 && gone != pid)) return -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static const struct row* find(const char* name) {
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct row* r = families[f]; r->name; r++)
      if (strcmp(r->name, name) == 0) return r;
  return NULL;
}

/// One repeat; its nanoseconds, or -1.
static long repeat(const struct row* row, long n, int marked) {
  if (row->prepare && row->prepare(n) != 0) return -1;
  const long start = now_ns();
  if (marked) MARK(MARK_BEGIN);
  const int failed = row->op(n);
  const int saved = errno;
  if (marked && !failed) MARK(MARK_END);
  const long taken = now_ns() - start;
  if (row->finish && row->finish(n) != 0) return -1;
  errno = saved;
  return failed ? -1 : taken;
}

/// Grows n until one repeat is long enough to time.
static long calibrate(const struct row* row) {
  long n = row->n;
  for (long taken = repeat(row, n, 0); taken >= 0 && taken < kTargetNs && !row->fixed && n < 1L << 22;
       taken = repeat(row, n, 0))
    n *= taken < kTargetNs / 8 ? 4 : 2;
  return n;
}

static void run(const struct row* row) {
  const long n = measuring_time ? calibrate(row) : row->n;
  if (!measuring_time) repeat(row, n, 0);
  for (int i = 0; i < repeats; i++) {
    errno = 0;
    const long taken = repeat(row, n, 1);
    if (taken < 0) {
      printf("row %s failed %s\n", row->name, strerror(errno));
      return;
    }
    printf("row %s %ld %ld\n", row->name, n, taken);
  }
}

/// In a child, so that what a row leaves behind (handlers, descriptors, affinity) ends with it.
static void run_isolated(const char* name) {
  const struct row* row = find(name);
  if (!row) {
    printf("row %s failed unknown row\n", name);
    return;
  }
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    run(row);
    fflush(stdout);
    _exit(0);
  }
  if (pid < 0 || reap(pid) != 0) printf("row %s failed child died\n", name);
  fflush(stdout);
}

static void list(void) {
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const struct row* r = families[f]; r->name; r++) printf("%s %d\n", r->name, r->cpus ? r->cpus : 1);
}

static void print_file(const char* path, const char* only) {
  FILE* file = fopen(path, "r");
  if (!file) return;
  for (char line[512]; fgets(line, sizeof line, file);)
    if (strstr(line, only)) printf("%s %s", path, line);
  fclose(file);
}

/// bench ready | done | list | show FILE [TEXT] | run [-w] [-r REPEATS] ROW...
int main(int argc, char** argv) {
  const char* verb = argc > 1 ? argv[1] : "list";
  if (strcmp(verb, "ready") == 0) {
    MARK(MARK_READY);
    return puts("bench: ready") < 0;
  }
  if (strcmp(verb, "done") == 0) {
    MARK(MARK_DONE);
    return puts("bench: done") < 0;
  }
  if (strcmp(verb, "list") == 0) return list(), 0;
  if (strcmp(verb, "show") == 0 && argc > 2) return print_file(argv[2], argc > 3 ? argv[3] : ""), 0;
  mkdir(SCRATCH, 0777);
  for (int option; (option = getopt(argc - 1, argv + 1, "wr:")) != -1;) {
    if (option == 'w') measuring_time = 1;
    if (option == 'r') repeats = atoi(optarg);
  }
  for (int i = optind + 1; i < argc; i++) run_isolated(argv[i]);
  return 0;
}
