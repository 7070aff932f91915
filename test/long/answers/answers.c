// One random system call per process, each from its own seed and in the same surroundings: answers FIRST COUNT. Prints
// 'SEED CALL ANSWER ARGUMENTS' for each; the answer is an errno, a small number, 'large', or how the process died.
//
// A seed that is no multiple of 3 runs as root. The arguments come from the fuzzer's grammar (test/fuzz/guest/draw.h).
#include <ftw.h>
#include <sched.h>
#include <sys/sysmacros.h>

#include "draw.h"

enum { NOBODY = 4000000, STRANGERS = 400, SMALL_ANSWER = 64, SECONDS_EACH = 2 };
static const char kFolder[] = "/tmp/answers/own";

// What they answer is the machine's, the clock's or the process's own, or they do not come back.
static const char* const not_compared[] = {"reboot",
                                           "exit",
                                           "exit_group",
                                           "rt_sigreturn",
                                           "pause",
                                           "rt_sigsuspend",
                                           "fork",
                                           "vfork",
                                           "clone",
                                           "clone3",
                                           "vhangup",
                                           "settimeofday",
                                           "clock_settime",
                                           "clock_adjtime",
                                           "adjtimex",
                                           "kill",
                                           "tkill",
                                           "tgkill",
                                           "rt_sigqueueinfo",
                                           "rt_tgsigqueueinfo",
                                           "pidfd_send_signal",
                                           "mount",
                                           "umount2",
                                           "chroot",
                                           "sethostname",
                                           "setdomainname",
                                           "syslog",
                                           "sync",
                                           "syncfs",
                                           "times",
                                           "time",
                                           "getpid",
                                           "gettid",
                                           "getppid",
                                           "getpgrp",
                                           "getpgid",
                                           "getsid",
                                           "brk",
                                           "set_tid_address",
                                           "kcmp",
                                           "ioprio_get",
                                           0};

static struct report {
  int call, done;
  long answer;
  uint64_t arguments[6], self;
}* report;

static int is_text(uint64_t at) {
  extern char __executable_start, edata;
  return at >= (uint64_t)&__executable_start && at < (uint64_t)&edata;
}

/// Would differ every time: families without sockets yet, the attribute that names a socket's protocol, huge pages in files.
/// Processes have other numbers on each kernel.
static int is_comparable(const struct call* call, uint64_t* a) {
  if (is_among(not_compared, call->name)) return 0;
  if (strcmp(call->name, "flistxattr") == 0 && (a[0] == 24 || a[0] == 25)) return 0;
  if (strcmp(call->name, "madvise") == 0 && (a[2] == 12 || a[2] == 13)) return 0;  // merging of equal pages
  if (strcmp(call->name, "futex") == 0 && (a[1] & 127) >= 6)
    return 0;                                                    // who owns a word by the number of a kernel thread
  if (strcmp(call->name, "prctl") == 0 && a[0] == 22) return 0;  // seccomp
  if (strcmp(call->name, "getpriority") == 0 && a[0] == 2) return 0;  // root's kernel threads
  if (strcmp(call->name, "memfd_create") == 0 && (a[1] & 4) != 0) return 0;
  if (strncmp(call->name, "socket", 6) == 0 && a[0] > 1) return 0;
  for (int k = 0; k < 6; k++) {
    if (call->arguments[k] == PID && a[k] > 1 && a[k] != (uint64_t)getpid()) a[k] = NOBODY;
  }
  return 1;
}

static void child(uint64_t seed) {
  state = seed * 0x9e3779b97f4a7c15u | 1;
  for (int i = 0; i < 5; i++) next();  // small seeds start alike
  privileged = seed % 3 != 0;
  if (mkdir(kFolder, 0777) != 0 || chmod(kFolder, 0777) != 0 || chdir(kFolder) != 0) _exit(1);
  for (int fd = 3; fd < 64; fd++) close(fd);
  setsid();
  confine();
  furnish();
  const struct call* call = &calls[below(CALLS)];
  uint64_t a[6];
  for (int k = 0; k < 6; k++) a[k] = value(call->arguments[k]);
  if (!is_comparable(call, a)) _exit(0);
  report->call = (int)(call - calls);
  memcpy(report->arguments, a, sizeof a);
  report->self = (uint64_t)getpid();
  report->done = -1;
  for (int signal = 1; signal < 32; signal++)
    (void)!sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
  start_alarm();
  const long answer = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
  report->answer = answer == -1 ? -errno : answer;
  report->done = 1;
  syscall(SYS_exit_group, 0);
}

static int remove_one(const char* path, const struct stat* s, int type, struct FTW* where) {
  (void)s, (void)type, (void)where;
  return remove(path);
}

/// What root may have done to the places that all share.
static void restore(void) {
  static const struct {
    const char* path;
    mode_t mode;
    dev_t device;
  } kShared[] = {{"/", 0755, 0},
                 {"/dev", 0755, 0},
                 {"/dev/pts", 0755, 0},
                 {"/tmp", 01777, 0},
                 {"/tmp/answers", 0777, 0},
                 {"/sys/devices", 0755, 0},
                 {"/dev/null", S_IFCHR | 0666, makedev(1, 3)},
                 {"/dev/zero", S_IFCHR | 0666, makedev(1, 5)},
                 {"/dev/tty", S_IFCHR | 0666, makedev(5, 0)},
                 {"/dev/ptmx", S_IFCHR | 0666, makedev(5, 2)}};
  nftw(kFolder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  for (unsigned i = 0; i < sizeof kShared / sizeof *kShared; i++) {
    struct stat s;
    const int there = lstat(kShared[i].path, &s) == 0;
    if (kShared[i].device != 0 && (!there || s.st_rdev != kShared[i].device)) {
      unlink(kShared[i].path);
      mknod(kShared[i].path, kShared[i].mode, kShared[i].device);
    }
    if (chown(kShared[i].path, 0, 0) != 0 || chmod(kShared[i].path, kShared[i].mode & 07777) != 0)
      perror(kShared[i].path);
  }
}

/// Waits for the child, and ends it when it takes too long.
static int await(pid_t pid) {
  int status;
  for (const time_t start = time(NULL); waitpid(pid, &status, WNOHANG) != pid; sched_yield())
    if (time(NULL) - start > SECONDS_EACH) kill(pid, SIGKILL);
  kill(-pid, SIGKILL);
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  return status;
}

static void print(uint64_t seed, int status) {
  const struct call* call = &calls[report->call];
  printf("%llu %s ", (unsigned long long)seed, call->name);
  if (report->done != 1)
    printf("status-%x", status);
  else if (report->answer < 0 && report->answer > -4096)
    printf("E%ld", -report->answer);
  else if (report->answer >= 0 && report->answer < SMALL_ANSWER)
    printf("%ld", report->answer);
  else
    printf("large");
  for (int k = 0; k < 6 && call->arguments[k] != NONE; k++) {
    const uint64_t a = report->arguments[k];
    if (call->arguments[k] == PID && a == report->self)
      printf(" self");
    else if (call->arguments[k] == PATH && is_text(a))
      printf(" \"%s\"", (const char*)a);
    else
      printf(" %llx", (unsigned long long)a);
  }
  puts("");
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  umask(0);
  mkdir("/tmp/answers", 0777);
  for (pid_t used = 0; used < STRANGERS;) {  // the small numbers that the grammar draws are nobody's
    used = fork();
    if (used == 0) _exit(0);
    waitpid(used, NULL, 0);
  }
  report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (uint64_t seed = first; seed < first + count; seed++) {
    restore();
    report->done = 0;
    const pid_t pid = fork();
    if (pid == 0) child(seed);
    const int status = await(pid);
    if (report->done != 0) print(seed, status);
  }
  return 0;
}
