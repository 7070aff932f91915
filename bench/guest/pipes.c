#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static int ping[2], pong[2];
static pid_t peer;
static pthread_t peer_thread;

/// Answers every byte until the other end closes, then returns.
static void echo_bytes(void) {
  char byte;
  while (read(ping[0], &byte, 1) == 1)
    if (write(pong[1], &byte, 1) != 1) return;
}

static int round_trips(long n) {
  char byte = 'x';
  for (long i = 0; i < n; i++)
    if (write(ping[1], &byte, 1) != 1 || read(pong[0], &byte, 1) != 1) return -1;
  return 0;
}

static int open_pipes(void) { return pipe(ping) != 0 || pipe(pong) != 0 ? -1 : 0; }

static int start_process(int own_cpu, int peer_cpu) {
  if (open_pipes() != 0) return -1;
  if ((peer = fork()) < 0) return -1;
  if (peer == 0) {
    close(ping[1]);
    if (peer_cpu >= 0 && pin_to(peer_cpu) != 0) _exit(1);
    echo_bytes();
    _exit(0);
  }
  if (own_cpu >= 0 && pin_to(own_cpu) != 0) return -1;
  return round_trips(1);
}

static int start_here(long n) { return (void)n, start_process(-1, -1); }
static int start_apart(long n) { return (void)n, start_process(0, 1); }

static int end_process(long n) {
  (void)n;
  close(ping[1]);
  const int failed = reap(peer);
  close(ping[0]), close(pong[0]), close(pong[1]);
  return failed;
}

static void* thread_main(void* unused) { return echo_bytes(), unused; }

static int start_thread(long n) {
  (void)n;
  if (open_pipes() != 0) return -1;
  return pthread_create(&peer_thread, NULL, thread_main, NULL) == 0 ? round_trips(1) : -1;
}

static int end_thread(long n) {
  (void)n;
  close(ping[1]);
  const int failed = pthread_join(peer_thread, NULL) != 0;
  close(ping[0]), close(pong[0]), close(pong[1]);
  return failed ? -1 : 0;
}

/// What the context-switch row subtracts: the same bytes through a pipe with nobody to switch to.
static int open_self(long n) { return (void)n, pipe(ping); }
static int close_self(long n) { return (void)n, close(ping[0]) | close(ping[1]); }
static int self_trips(long n) {
  char byte = 'x';
  for (long i = 0; i < n; i++)
    if (write(ping[1], &byte, 1) != 1 || read(ping[0], &byte, 1) != 1) return -1;
  return 0;
}

const struct row pipe_rows[] = {
    {.name = "pipe_threads", .op = round_trips, .n = 300, .prepare = start_thread, .finish = end_thread},
    {.name = "pipe_processes", .op = round_trips, .n = 300, .prepare = start_here, .finish = end_process},
    {.name = "pipe_2cpus", .op = round_trips, .n = 100, .prepare = start_apart, .finish = end_process, .cpus = 2},
    {.name = "pipe_self", .op = self_trips, .n = 500, .prepare = open_self, .finish = close_self},
    {0}};
