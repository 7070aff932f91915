#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static int null_call(long n) {
  for (long i = 0; i < n; i++)
    if (syscall(SYS_getppid) < 0) return -1;
  return 0;
}

static int read_clock(long n) {
  struct timespec now;
  for (long i = 0; i < n; i++)
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return -1;
  return 0;
}

const struct row syscall_rows[] = {
    {.name = "null", .op = null_call, .n = 1000}, {.name = "clock", .op = read_clock, .n = 1000}, {0}};
