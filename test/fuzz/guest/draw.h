// Random system calls: the table's grammar, arguments drawn for each kind, and what a process needs around it for them to find
// something. Everything follows from `state`, which the includer seeds.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum kind { NONE, FD, PATH, MEMORY, SIGNAL, MODE, FLAGS, SIZE, PID, ID, SMALL, SHORT, NUMBER };
struct call {
  const char* name;
  long number;
  enum kind arguments[6];
};
static const struct call calls[] = {
#include "grammar.inc"
};
enum { CALLS = sizeof calls / sizeof *calls, ARENA = 64 << 10, ARENA_AT = 0x10000000 };

static uint64_t state;
static char* arena;
static int privileged;

static uint64_t next(
    void) {  // xorshift64*; Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators"
  state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
  return state * 2685821657736338717u;
}
static uint64_t below(uint64_t n) { return next() % n; }
static int one_in(unsigned n) { return below(n) == 0; }

static uint64_t odd_number(void) {
  static const uint64_t kOdd[] = {
      0,          1,          2,     4095,         4096,       4097,       0x7fffffff,        0x80000000,
      0xffffffff, 1ull << 32, ~0ull, ~0ull - 4095, 1ull << 47, 1ull << 63, 0x7fffffffffffffff};
  return one_in(3) ? next() : kOdd[below(sizeof kOdd / sizeof *kOdd)];
}

static uint64_t memory(void) {
  switch (below(12)) {
    case 0:
      return 0;
    case 1:
      return odd_number();
    case 2:
      return (uint64_t)arena + ARENA - below(64);  // runs into what is not mapped
    case 3:
      return (uint64_t)arena + ARENA / 2 + below(4096);  // read-only
    case 4:
      return 0xffff800000000000u + below(1u << 30);
    default: {
      uint64_t* at = (uint64_t*)(arena + (below(ARENA / 2 - 4096) & ~7ull));
      for (unsigned i = 0; i < 8; i++)
        at[i] = one_in(2) ? below(64) : one_in(2) ? (uint64_t)arena + below(ARENA) : odd_number();
      return (uint64_t)at;
    }
  }
}

static uint64_t path(void) {
  static const char* const kPaths[] = {
      "f",         "d",           "d/f",       ".", "..",  "/", "/proc/self", "/proc/self/maps", "/proc/self/fd/0",
      "/dev/null", "/dev/zero",   "/dev/ptmx", "",  "new", "s", "p",          "/proc/self/mem",  "/dev/tty",
      "f/",        "/sys/devices"};
  return one_in(10) ? memory() : (uint64_t)kPaths[below(sizeof kPaths / sizeof *kPaths)];
}

static uint64_t pid(void) {
  switch (below(6)) {
    case 0:
      return (uint64_t)getppid() * !privileged;
    case 1:
      return privileged ? 0 : odd_number();
    case 2:
      return below(400);
    default:
      return one_in(2) ? 0 : (uint64_t)getpid();
  }
}

static uint64_t value(enum kind kind) {
  if (one_in(25)) return odd_number();
  switch (kind) {
    case FD:
      return one_in(20) ? (uint64_t)AT_FDCWD : below(40);
    case PATH:
      return path();
    case MEMORY:
      return memory();
    case SIGNAL:
      return below(66);
    case MODE:
      return below(010000) | (one_in(3) ? (uint64_t[]){S_IFREG, S_IFIFO, S_IFCHR, S_IFSOCK}[below(4)] : 0);
    case FLAGS: {
      uint64_t flags = 0;
      for (unsigned bits = (unsigned)below(4); bits > 0; bits--) flags |= 1ull << below(32);
      return flags;
    }
    case SIZE:
      return one_in(2) ? below(256) : below(2 * ARENA);
    case PID:
      return pid();
    case ID:
      return one_in(2) ? below(3) * 1000 : ~0u;
    case SMALL:
      return below(40);
    case SHORT:
      return below(3);
    default:
      return one_in(2) ? below(10) : odd_number();
  }
}

static int is_among(const char* const* names, const char* name) {
  while (*names && strcmp(*names, name) != 0) names++;
  return *names != NULL;
}
static void nothing(int signal) { (void)signal; }

/// Descriptors of several kinds, names, memory with a read-only half and nothing behind it.
static void furnish(void) {
  int ends[2];
  arena = mmap((void*)ARENA_AT, ARENA + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  mprotect(arena + ARENA / 2, ARENA / 2, PROT_READ);
  munmap(arena + ARENA, 4096);
  const int sink = open("/dev/null", O_RDWR);
  for (int standard = 0; standard < 3; standard++) dup2(sink, standard);  // the console is the supervisor's
  const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), unlock = 0;
  ioctl(master, TIOCSPTLCK, &unlock);
  ioctl(master, TIOCGPTPEER, O_RDWR | O_NONBLOCK);
  mkdir("d", 0777), symlink("f", "s"), mkfifo("p", 0666);
  for (int i = 0; i < 3; i++) (void)!open("f", O_RDWR | O_CREAT, 0666);
  for (int i = 0; i < 3; i++) (void)!pipe2(ends, O_NONBLOCK);
  static const char* const kDevices[] = {"/dev/null", "/dev/zero", "/dev/ptmx", "/proc/self/status", "."};
  for (unsigned i = 0; i < sizeof kDevices / sizeof *kDevices; i++) (void)!open(kDevices[i], O_RDONLY);
  syscall(SYS_epoll_create1, 0), syscall(SYS_eventfd2, 1, 0), syscall(SYS_timerfd_create, 1, 0),
      syscall(SYS_inotify_init1, 0);
  syscall(SYS_socketpair, 1, 1, 0, ends), syscall(SYS_memfd_create, "m", 3);
}

static void confine(void) {
  const struct rlimit memory = {256 << 20, 256 << 20}, files = {64, 64}, size = {1 << 20, 1 << 20},
                      processes = {200, 200};
  setrlimit(RLIMIT_AS, &memory), setrlimit(RLIMIT_NOFILE, &files), setrlimit(RLIMIT_FSIZE, &size),
      setrlimit(RLIMIT_NPROC, &processes);
  if (!privileged && (setgroups(0, NULL) != 0 || setgid(1000) != 0 || setuid(1000) != 0)) _exit(1);
}

/// Ends blocking calls; the program itself is ended by the supervisor.
static void start_alarm(void) {
  struct sigaction action = {.sa_handler = nothing};
  const struct itimerval soon = {{0, 20000}, {0, 20000}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
}
