#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "bench.h"

static volatile sig_atomic_t delivered;

static void count(int signal) {
  (void)signal;
  delivered++;
}

static int install_once(long n) {
  (void)n;
  const struct sigaction action = {.sa_handler = count};
  return sigaction(SIGUSR1, &action, NULL);
}

static int install(long n) {
  const struct sigaction action = {.sa_handler = count};
  for (long i = 0; i < n; i++)
    if (sigaction(SIGUSR1, &action, NULL) != 0) return -1;
  return 0;
}

static int deliver(long n) {
  const pid_t self = getpid();
  delivered = 0;
  for (long i = 0; i < n; i++)
    if (kill(self, SIGUSR1) != 0) return -1;
  return delivered == n ? 0 : -1;
}

const struct row signal_rows[] = {{.name = "signal_install", .op = install, .n = 500},
                                  {.name = "signal_deliver", .op = deliver, .n = 500, .prepare = install_once},
                                  {0}};
