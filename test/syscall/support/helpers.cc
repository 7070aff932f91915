#include "helpers.h"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace systest {

/// Every argument, then every environment string, each ended by a newline.
static int print_args(int argc, char** argv) {
  for (int i = 2; i < argc; i++) printf("%s\n", argv[i]);
  for (char** env = environ; *env != nullptr; env++) printf("%s\n", *env);
  return 0;
}

/// Ids as "uid euid gid egid secure".
static int print_ids(int, char**) {
  printf("%u %u %u %u %lu\n", getuid(), geteuid(), getgid(), getegid(), getauxval(AT_SECURE));
  return 0;
}

/// The disposition of SIGUSR1 and SIGUSR2, and whether SIGTERM is blocked and SIGHUP pending.
static int print_signals(int, char**) {
  const auto name = [](int signal) {
    struct sigaction action;
    sigaction(signal, nullptr, &action);
    return action.sa_handler == SIG_IGN ? "ignored" : "default";
  };
  sigset_t blocked, pending;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  sigpending(&pending);
  printf("%s %s %d %d\n", name(SIGUSR1), name(SIGUSR2), sigismember(&blocked, SIGTERM), sigismember(&pending, SIGHUP));
  return 0;
}

/// Whether the file descriptor in argv[2] is open: exit 0 or 1.
static int fd_is_open(int, char** argv) { return lseek(atoi(argv[2]), 0, SEEK_CUR) == -1 && dup(atoi(argv[2])) == -1; }

static int print_execfn(int, char**) {
  printf("%s\n", reinterpret_cast<const char*>(getauxval(AT_EXECFN)));
  return 0;
}

/// AT_RANDOM's 16 bytes in hexadecimal.
static int print_random(int, char**) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(getauxval(AT_RANDOM));
  for (int i = 0; i < 16; i++) printf("%02x", bytes[i]);
  printf("\n");
  return 0;
}

/// Where stack and heap start.
static int print_addresses(int argc, char**) {
  printf("%p %p\n", static_cast<void*>(&argc), sbrk(0));
  return 0;
}

static int exit_with(int, char** argv) { return atoi(argv[2]); }

/// The mode of the thread's memory policy.
static int memory_policy(int, char**) {
  int mode = -1;
  syscall(SYS_get_mempolicy, &mode, nullptr, 0, nullptr, 0);
  return mode;
}

int run_helper(int argc, char** argv) {
  const std::string_view name = argv[1] + 1;
  if (name == "args") return print_args(argc, argv);
  if (name == "ids") return print_ids(argc, argv);
  if (name == "signals") return print_signals(argc, argv);
  if (name == "fd-open") return fd_is_open(argc, argv);
  if (name == "execfn") return print_execfn(argc, argv);
  if (name == "random") return print_random(argc, argv);
  if (name == "addresses") return print_addresses(argc, argv);
  if (name == "exit") return exit_with(argc, argv);
  if (name == "memory-policy") return memory_policy(argc, argv);
  if (name == "argc") return argc;
  return 98;
}

}  // namespace systest
