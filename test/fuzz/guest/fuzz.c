// Random system calls from the table's grammar, each victim process reproducible from its seed: fuzz SECONDS SEED [VICTIM].
//
// A supervisor starts victims; a victim makes PER_VICTIM calls and exits, crashes or is ended. Odd victims run as an ordinary user,
// even ones as root without what would end the whole guest by design. Nothing is expected of a call but that the kernel lives.
#include "draw.h"

enum { PER_VICTIM = 2000, VICTIMS_AT_ONCE = 4, VICTIM_SECONDS = 10 };

// As root these end the guest, its clock or its supervisor, and are right to.
static const char* const not_as_root[] = {"reboot",
                                          "umount2",
                                          "chroot",
                                          "kill",
                                          "tkill",
                                          "tgkill",
                                          "rt_sigqueueinfo",
                                          "rt_tgsigqueueinfo",
                                          "sched_setscheduler",
                                          "sched_setparam",
                                          "sched_setattr",
                                          "setpriority",
                                          "prlimit64",
                                          "settimeofday",
                                          "clock_settime",
                                          "clock_adjtime",
                                          "adjtimex",
                                          "mount",
                                          "pidfd_send_signal",
                                          "vhangup",
                                          "pivot_root",
                                          0};

// They end the victim, or hold it until the alarm: now and then only.
static const char* const rare[] = {"exit", "exit_group", "rt_sigreturn", "pause", "rt_sigsuspend", 0};

static int allowed(const struct call* call) {
  if (is_among(rare, call->name)) return one_in(40);
  return !privileged || !is_among(not_as_root, call->name);
}

static void victim(uint64_t seed) {
  char folder[32];
  state = seed * 0x9e3779b97f4a7c15u | 1;
  privileged = seed % 2 == 0;
  setsid();
  snprintf(folder, sizeof folder, "/tmp/v%u", (unsigned)(seed % 64));
  mkdir(folder, 0777), chmod(folder, 0777);
  if (chdir(folder) != 0) _exit(1);
  confine();
  furnish();
  const pid_t self = getpid();
  for (int i = 0; i < PER_VICTIM; i++) {
    if (i % 50 == 0) start_alarm();
    const struct call* call = &calls[below(CALLS)];
    uint64_t a[6];
    for (int k = 0; k < 6; k++) a[k] = value(call->arguments[k]);
    if (!allowed(call)) continue;
    syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (syscall(SYS_getpid) != self) syscall(SYS_exit_group, 0);  // a child that the call made
  }
  syscall(SYS_exit_group, 0);
}

static pid_t start(uint64_t seed) {
  chmod("/tmp", 01777);  // a victim as root may have changed it
  const pid_t pid = fork();
  if (pid == 0) victim(seed);
  return pid;
}

/// Ends what is left of a victim's session, and counts.
static void finish(pid_t pid) {
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
}

int main(int argc, char** argv) {
  const time_t end = time(NULL) + (argc > 1 ? atol(argv[1]) : 10);
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  struct {
    pid_t pid;
    time_t started;
  } running[VICTIMS_AT_ONCE] = {{0}};
  unsigned long ended = 0;
  struct timespec last = {0};
  while (time(NULL) < end || argc > 3) {
    for (int i = 0; i < VICTIMS_AT_ONCE; i++) {
      if (running[i].pid == 0) {
        if (argc > 3 && ended > 0) return 0;
        running[i].pid = start(seed++), running[i].started = time(NULL);
        if (argc > 3) break;
      }
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec != last.tv_sec) printf("seed %llu\n", (unsigned long long)seed), fflush(stdout), last = now;
    int status;
    const pid_t gone = waitpid(-1, &status, WNOHANG);
    for (int i = 0; i < VICTIMS_AT_ONCE; i++) {
      if (running[i].pid == 0) continue;
      if (running[i].pid == gone)
        ended++, finish(gone), running[i].pid = 0;
      else if (time(NULL) - running[i].started > VICTIM_SECONDS)
        finish(running[i].pid);
    }
    if (gone <= 0) usleep(2000);
  }
  for (int i = 0; i < VICTIMS_AT_ONCE; i++)
    if (running[i].pid > 0) finish(running[i].pid);
  printf("\nvictims %lu\n", ended);
  return 0;
}
