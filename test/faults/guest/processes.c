#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

static int await(pid_t pid) {
  int status;
  if (settled(pid) != 0) return -1;
  return waitpid(pid, &status, 0) == pid ? 0 : -1;
}

static int fork_child(void) {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  return await(pid);
}
/// In a child: past the point of no return a failure kills. The shell's own failures are not this test's.
static int execute(void) {
  char* const argv[] = {"true", NULL};
  const pid_t pid = vfork();
  if (pid == 0) {
    execve("/bin/true", argv, environ);
    _exit(1);
  }
  return await(pid);
}
static void* nothing(void* unused) { return unused; }
static int thread(void) {
  pthread_t peer;
  errno = pthread_create(&peer, NULL, nothing, NULL);
  return settled(errno != 0 ? -1 : 0) != 0 ? -1 : pthread_join(peer, NULL);
}
static int queue_signal(void) {
  const union sigval value = {.sival_int = 7};
  if (settled(sigqueue(getpid(), SIGRTMIN, value)) != 0) return -1;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  return sigtimedwait(&set, NULL, &(struct timespec){0}) == SIGRTMIN ? 0 : -1;
}
static int block(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  return sigprocmask(SIG_BLOCK, &set, NULL);
}
static int groups(void) {
  const gid_t some[40] = {1, 2, 3};
  return settled(setgroups(40, some)) != 0 ? -1 : setgroups(0, NULL);
}
static int users(void) { return settled(setresuid(0, 4242, 0)) != 0 ? -1 : setresuid(0, 0, 0); }
static int timer(void) {
  timer_t id;
  struct sigevent quiet = {.sigev_notify = SIGEV_NONE};
  return settled(timer_create(CLOCK_MONOTONIC, &quiet, &id)) != 0 ? -1 : timer_delete(id);
}
static int pidfd(void) { return close_if_open((int)syscall(SYS_pidfd_open, getpid(), 0)); }
static int affinity(void) {
  cpu_set_t set;
  return settled(sched_getaffinity(0, sizeof set, &set) != 0 ? -1 : sched_setaffinity(0, sizeof set, &set));
}
static int session(void) {
  const pid_t pid = vfork();
  if (pid == 0) {
    (void)setsid();
    _exit(0);
  }
  return await(pid);
}

const struct operation process_operations[] = {{"fork", fork_child, 0},
                                               {"execve", execute, 0},
                                               {"clone", thread, 0},
                                               {"sigqueue", queue_signal, block},
                                               {"setgroups", groups, 0},
                                               {"setresuid", users, 0},
                                               {"timer_create", timer, 0},
                                               {"pidfd_open", pidfd, 0},
                                               {"sched_setaffinity", affinity, 0},
                                               {"setsid", session, 0},
                                               {0}};
