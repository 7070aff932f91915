#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "faults.h"

static int interest = -1, event = -1, watcher = -1;

static int make_epoll(void) { return close_if_open(epoll_create1(0)); }
static int have_epoll(void) { return (interest = epoll_create1(0)) < 0 || (event = eventfd(1, 0)) < 0 ? -1 : 0; }
static int add(void) {
  struct epoll_event in = {.events = EPOLLIN};
  return settled(epoll_ctl(interest, EPOLL_CTL_ADD, event, &in)) != 0 ? -1
                                                                      : epoll_ctl(interest, EPOLL_CTL_DEL, event, NULL);
}
static int make_event(void) { return close_if_open(eventfd(0, 0)); }
static int make_timer(void) { return close_if_open(timerfd_create(CLOCK_REALTIME, 0)); }
static int make_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  return close_if_open(signalfd(-1, &set, 0));
}
static int make_watcher(void) { return close_if_open(inotify_init1(0)); }
static int have_watcher(void) { return (watcher = inotify_init1(0)) < 0 ? -1 : 0; }
static int watch(void) {
  const int name = inotify_add_watch(watcher, "/tmp", IN_CREATE);
  return settled(name) != 0 ? -1 : inotify_rm_watch(watcher, name);
}
/// Opens anew each time: what a file keeps for its notices goes with it.
static int notice(void) {
  const int folder = open(".", O_RDONLY);
  const int done = settled(folder < 0 ? -1 : fcntl(folder, F_NOTIFY, DN_CREATE));
  if (folder >= 0) close(folder);
  return done;
}

const struct operation event_operations[] = {{"epoll_create", make_epoll, 0},
                                             {"epoll_ctl", add, have_epoll},
                                             {"eventfd", make_event, 0},
                                             {"timerfd", make_timer, 0},
                                             {"signalfd", make_signal, 0},
                                             {"inotify_init", make_watcher, 0},
                                             {"inotify_watch", watch, have_watcher},
                                             {"notice", notice, 0},
                                             {0}};
