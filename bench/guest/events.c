#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench.h"

enum { MANY = 1000 };
static int watched[MANY], answer, interest, timer;
static long watching;
static pthread_t peer;

static int bump(int fd) {
  const uint64_t one = 1;
  return write(fd, &one, sizeof one) == sizeof one ? 0 : -1;
}
static int drain(int fd) {
  uint64_t count;
  return read(fd, &count, sizeof count) == sizeof count ? 0 : -1;
}

/// Takes each event that epoll reports and answers it, until the interest list is closed under it.
static void* serve(void* unused) {
  struct epoll_event event;
  while (epoll_wait(interest, &event, 1, -1) == 1)
    if (event.data.fd < 0 || drain(event.data.fd) != 0 || bump(answer) != 0) break;
  return unused;
}

static int watch(int fd, int name) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = name};
  return epoll_ctl(interest, EPOLL_CTL_ADD, fd, &event);
}

static int event_trips(long n) {
  for (long i = 0; i < n; i++)
    if (bump(watched[i * 7 % watching]) != 0 || drain(answer) != 0) return -1;
  return 0;
}

static int start_server(long count) {
  const struct rlimit room = {MANY + 100, MANY + 100};
  if (setrlimit(RLIMIT_NOFILE, &room) != 0) return -1;
  watching = count;
  if ((interest = epoll_create1(0)) < 0 || (answer = eventfd(0, 0)) < 0) return -1;
  for (long i = 0; i < count; i++)
    if ((watched[i] = eventfd(0, 0)) < 0 || watch(watched[i], watched[i]) != 0) return -1;
  return pthread_create(&peer, NULL, serve, NULL) == 0 ? event_trips(1) : -1;
}

static int start_one(long n) { return (void)n, start_server(1); }
static int start_many(long n) { return (void)n, start_server(MANY); }

static int end_server(long n) {
  (void)n;
  const int bell = eventfd(1, 0);
  if (bell < 0 || watch(bell, -1) != 0 || pthread_join(peer, NULL) != 0) return -1;
  close(bell), close(interest), close(answer);
  for (long i = 0; i < watching; i++) close(watched[i]);
  return 0;
}

static void* echo_events(void* unused) {
  while (drain(watched[0]) == 0 && bump(answer) == 0 && watching) continue;
  return unused;
}

static int start_echo(long n) {
  (void)n;
  watching = 1;
  if ((watched[0] = eventfd(0, 0)) < 0 || (answer = eventfd(0, 0)) < 0) return -1;
  return pthread_create(&peer, NULL, echo_events, NULL) == 0 ? event_trips(1) : -1;
}

static int end_echo(long n) {
  (void)n;
  watching = 0;
  if (bump(watched[0]) != 0 || pthread_join(peer, NULL) != 0) return -1;
  return close(watched[0]) | close(answer);
}

static int open_timer(long n) { return (void)n, (timer = timerfd_create(CLOCK_MONOTONIC, 0)) < 0 ? -1 : 0; }
static int close_timer(long n) { return (void)n, close(timer); }

/// Arms for a moment that is past already, and takes the expiration.
static int timer_trips(long n) {
  const struct itimerspec past = {.it_value = {.tv_nsec = 1}};
  for (long i = 0; i < n; i++)
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &past, NULL) != 0 || drain(timer) != 0) return -1;
  return 0;
}

const struct row event_rows[] = {
    {.name = "eventfd", .op = event_trips, .n = 300, .prepare = start_echo, .finish = end_echo},
    {.name = "epoll_1", .op = event_trips, .n = 300, .prepare = start_one, .finish = end_server},
    {.name = "epoll_1000", .op = event_trips, .n = 300, .prepare = start_many, .finish = end_server},
    {.name = "timerfd", .op = timer_trips, .n = 500, .prepare = open_timer, .finish = close_timer},
    {0}};
