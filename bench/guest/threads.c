#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

// musl ships no <linux/futex.h>. Source: futex(2).
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };
enum { CONTENDERS = 4 };

static pthread_t peers[CONTENDERS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int turn;  // whose turn it is: 0 this thread's, 1 the peer's, -1 the end
static _Atomic int stop;
static long rounds;

static void* nothing(void* unused) { return unused; }

static int create_join(long n) {
  for (long i = 0; i < n; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0) return -1;
  }
  return 0;
}

static void give_turn(int to) {
  atomic_store(&turn, to);
  syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static int await_turn(int own) {
  for (int now; (now = atomic_load(&turn)) != own;) {
    if (now < 0) return -1;
    syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
  }
  return 0;
}

static void* futex_peer(void* unused) {
  while (await_turn(1) == 0) give_turn(0);
  return unused;
}

static int start_peer(void* (*body)(void*)) {
  atomic_store(&turn, 0);
  atomic_store(&stop, 0);
  return pthread_create(&peers[0], NULL, body, NULL) == 0 ? 0 : -1;
}

static int start_futex_peer(long n) { return (void)n, start_peer(futex_peer); }

static int end_futex_peer(long n) {
  (void)n;
  give_turn(-1);
  return pthread_join(peers[0], NULL) == 0 ? 0 : -1;
}

/// One hand-over to the peer and one back.
static int futex_round_trips(long n) {
  for (long i = 0; i < n; i++) {
    give_turn(1);
    if (await_turn(0) != 0) return -1;
  }
  return 0;
}

static void* yield_until_stopped(void* unused) {
  while (!atomic_load(&stop)) sched_yield();
  return unused;
}

static int start_yielder(long n) { return (void)n, start_peer(yield_until_stopped); }

static int end_yielder(long n) {
  (void)n;
  atomic_store(&stop, 1);
  return pthread_join(peers[0], NULL) == 0 ? 0 : -1;
}

static int yield(long n) {
  for (long i = 0; i < n; i++)
    if (sched_yield() != 0) return -1;
  return 0;
}

static void* contend(void* unused) {
  for (long i = 0; i < rounds; i++) {
    pthread_mutex_lock(&mutex);
    sched_yield();  // so that the others find it held, on one CPU too
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

/// Four threads share n critical sections.
static int contended_mutex(long n) {
  rounds = n / CONTENDERS;
  for (int i = 0; i < CONTENDERS; i++)
    if (pthread_create(&peers[i], NULL, contend, NULL) != 0) return -1;
  for (int i = 0; i < CONTENDERS; i++)
    if (pthread_join(peers[i], NULL) != 0) return -1;
  return 0;
}

const struct row thread_rows[] = {
    {.name = "thread_create", .op = create_join, .n = 50},
    {.name = "futex", .op = futex_round_trips, .n = 300, .prepare = start_futex_peer, .finish = end_futex_peer},
    {.name = "yield", .op = yield, .n = 500, .prepare = start_yielder, .finish = end_yielder},
    {.name = "mutex", .op = contended_mutex, .n = 4000},
    {0}};
