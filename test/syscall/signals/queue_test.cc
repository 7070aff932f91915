/// Queued signals, who sent them, RLIMIT_SIGPENDING; SIGCHLD's and the stop signals' rules; SS_AUTODISARM.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/signals.h"

using namespace systest;

namespace {

siginfo_t take(std::initializer_list<int> signals) {
  siginfo_t info{};
  const sigset_t set = set_of(signals);
  EXPECT_GT(sigwaitinfo(&set, &info), 0);
  return info;
}
bool is_pending(int signal) {
  sigset_t set;
  EXPECT_OK(sigpending(&set));
  return sigismember(&set, signal) == 1;
}
int queue(pid_t pid, int signal, int value) {
  sigval v{};
  v.sival_int = value;
  return sigqueue(pid, signal, v);
}
int queue_info(pid_t pid, int signal, int code) {
  siginfo_t info{};
  info.si_code = code;
  return (int)syscall(SYS_rt_sigqueueinfo, pid, signal, &info);
}

}  // namespace

TEST(SignalOrder, RealTimeSignalsComeByNumberThenInOrder) {
  const int low = SIGRTMIN + 1, high = SIGRTMIN + 3;
  block({low, high});
  ASSERT_OK(queue(getpid(), high, 1));
  ASSERT_OK(queue(getpid(), low, 2));
  ASSERT_OK(queue(getpid(), high, 3));
  ASSERT_OK(queue(getpid(), low, 4));
  std::vector<int> values;
  for (int i = 0; i < 4; i++) values.push_back(take({low, high}).si_value.sival_int);
  EXPECT_EQ(values, (std::vector<int>{2, 4, 1, 3}));
}

TEST(SignalOrder, OrdinarySignalsComeBeforeRealTimeOnes) {
  block({SIGRTMIN, SIGTERM});
  ASSERT_OK(raise(SIGRTMIN));
  ASSERT_OK(raise(SIGTERM));
  EXPECT_EQ(take({SIGRTMIN, SIGTERM}).si_signo, SIGTERM);
  EXPECT_EQ(take({SIGRTMIN, SIGTERM}).si_signo, SIGRTMIN);
}

TEST(SignalOrder, ThreadsOwnSignalComesBeforeTheProcesses) {
  block({SIGUSR1, SIGUSR2});
  ASSERT_OK(kill(getpid(), SIGUSR1));
  ASSERT_OK(tgkill(getpid(), gettid(), SIGUSR2));
  EXPECT_EQ(take({SIGUSR1, SIGUSR2}).si_signo, SIGUSR2);
  EXPECT_EQ(take({SIGUSR1, SIGUSR2}).si_signo, SIGUSR1);
}

TEST(SignalOrder, FirstOfEqualOrdinarySignalsIsKept) {
  block({SIGUSR1});
  ASSERT_OK(queue(getpid(), SIGUSR1, 1));
  ASSERT_OK(queue(getpid(), SIGUSR1, 2));
  EXPECT_EQ(take({SIGUSR1}).si_value.sival_int, 1);
  EXPECT_FALSE(is_pending(SIGUSR1));
}

TEST(Sigqueue, TellsSenderAndValue) {
  block({SIGUSR1});
  ASSERT_OK(queue(getpid(), SIGUSR1, -5));
  const siginfo_t info = take({SIGUSR1});
  EXPECT_EQ(info.si_code, SI_QUEUE);
  EXPECT_EQ(info.si_pid, getpid());
  EXPECT_EQ(info.si_uid, getuid());
  EXPECT_EQ(info.si_value.sival_int, -5);
}

TEST(Sigqueue, MayNotPoseAsKernelOrKillTowardsOthers) {
  block({SIGUSR1});
  const pid_t pid = spawn([] { pause(); });
  for (int code : {SI_USER, SI_KERNEL, SI_TKILL}) EXPECT_ERRNO(EPERM, queue_info(pid, SIGUSR1, code)) << code;
  for (int code : {SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO}) EXPECT_OK(queue_info(pid, 0, code)) << code;
  EXPECT_OK(queue_info(getpid(), SIGUSR1, SI_KERNEL));
  EXPECT_EQ(take({SIGUSR1}).si_code, SI_KERNEL) << "to oneself everything goes";
  kill(pid, SIGKILL);
  reap(pid);
}

TEST(Sigqueue, RefusesBadTargets) {
  EXPECT_ERRNO(EINVAL, queue(getpid(), 65, 0));
  EXPECT_ERRNO(ESRCH, queue(999999, SIGUSR1, 0));
  EXPECT_ERRNO(EFAULT, syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, nullptr));
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_tgsigqueueinfo, getpid(), -1, SIGUSR1, &info));
  EXPECT_ERRNO(ESRCH, syscall(SYS_rt_tgsigqueueinfo, getpid(), 1, SIGUSR1, &info));
}

TEST(Sigqueue, LimitRefusesQueuedRealTimeSignals) {
  EXPECT_EQ(as_user([] {
              block({SIGRTMIN, SIGUSR1});
              rlimit limit{2, 2};
              ASSERT_OK(setrlimit(RLIMIT_SIGPENDING, &limit));
              EXPECT_OK(queue(getpid(), SIGRTMIN, 1));
              EXPECT_OK(queue(getpid(), SIGRTMIN, 2));
              EXPECT_ERRNO(EAGAIN, queue(getpid(), SIGRTMIN, 3));
              EXPECT_OK(kill(getpid(), SIGUSR1)) << "kill is never refused";
              EXPECT_EQ(take({SIGUSR1}).si_code, SI_USER);
              EXPECT_EQ(take({SIGRTMIN}).si_value.sival_int, 1);
              EXPECT_OK(queue(getpid(), SIGRTMIN, 4)) << "room again";
              EXPECT_EQ(take({SIGRTMIN}).si_value.sival_int, 2);
              EXPECT_EQ(take({SIGRTMIN}).si_value.sival_int, 4);
            }),
            0);
}

TEST(Sigqueue, RealTimeSignalByKillIsKeptWithoutItsSenderAtTheLimit) {
  EXPECT_EQ(as_user([] {
              block({SIGRTMIN});
              rlimit limit{0, 0};
              ASSERT_OK(setrlimit(RLIMIT_SIGPENDING, &limit));
              EXPECT_OK(kill(getpid(), SIGRTMIN));
              const siginfo_t info = take({SIGRTMIN});
              EXPECT_EQ(info.si_code, SI_USER);
              EXPECT_EQ(info.si_pid, 0);
              EXPECT_FALSE(is_pending(SIGRTMIN));
            }),
            0);
}

TEST(Siginfo, KernelsOwnSignalsSayKernel) {
  block({SIGPIPE, SIGALRM});
  auto pipe = make_pipe();
  pipe.read.reset();
  EXPECT_ERRNO(EPIPE, write(pipe.write, "x", 1));
  siginfo_t info = take({SIGPIPE});
  EXPECT_EQ(info.si_code, SI_USER) << "as Linux has it: send_sig() names the thread itself";
  alarm(1);
  EXPECT_EQ(take({SIGALRM}).si_code, SI_KERNEL);
}

TEST(Sigchld, TellsUserAndStatusOfEachEnd) {
  block({SIGCHLD});
  const pid_t pid = spawn([] {
    become(kUser, kUser);
    _exit(3);
  });
  const siginfo_t info = take({SIGCHLD});
  EXPECT_EQ(info.si_code, CLD_EXITED);
  EXPECT_EQ(info.si_pid, pid);
  EXPECT_EQ(info.si_uid, kUser);
  EXPECT_EQ(info.si_status, 3);
  EXPECT_GE(info.si_utime, 0);
  EXPECT_EQ(reap(pid), 3);
}

TEST(Sigchld, HandlerSeesAChildThatItCanReap) {
  static volatile pid_t reaped;
  reaped = 0;
  signal(SIGCHLD, [](int) { reaped = waitpid(-1, nullptr, WNOHANG); });
  block({SIGCHLD});
  const sigset_t none = set_of({});
  const pid_t pid = spawn([] {});
  sigsuspend(&none);
  EXPECT_EQ(reaped, pid);
}

TEST(Sigchld, IgnoringAfterTheEndLeavesTheZombie) {
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST(StopSignals, ContinueWakesEvenWhenBlockedOrIgnored) {
  for (bool ignored : {false, true}) {
    Gate ready;
    const pid_t pid = spawn([&] {
      if (ignored)
        signal(SIGCONT, SIG_IGN);
      else
        block({SIGCONT});
      ready.open();
      raise(SIGSTOP);
    });
    ready.wait();
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    ASSERT_TRUE(WIFSTOPPED(status));
    ASSERT_OK(kill(pid, SIGCONT));
    EXPECT_EQ(reap(pid), 0);
  }
}

TEST(StopSignals, OthersWaitUntilItGoesOnButKillDoesNot) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([] { pause(); });
  ASSERT_OK(kill(pid, SIGSTOP));
  EXPECT_EQ(waitpid(pid, nullptr, WUNTRACED), pid);
  ASSERT_OK(kill(pid, SIGTERM));
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  ASSERT_OK(kill(pid, SIGCONT));
  EXPECT_EQ(reap(pid), 128 + SIGTERM);
  const pid_t other = spawn([] { pause(); });
  ASSERT_OK(kill(other, SIGSTOP));
  EXPECT_EQ(waitpid(other, nullptr, WUNTRACED), other);
  ASSERT_OK(kill(other, SIGKILL));
  EXPECT_EQ(reap(other), 128 + SIGKILL);
}

TEST(StopSignals, StopHoldsEveryThread) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    static int out;
    out = pipe.write;
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          for (;;) EXPECT_EQ(write(out, "x", 1), 1);
        },
        nullptr);
    pause();
  });
  char byte;
  ASSERT_EQ(read(pipe.read, &byte, 1), 1);
  ASSERT_OK(kill(pid, SIGSTOP));
  EXPECT_EQ(waitpid(pid, nullptr, WUNTRACED), pid);
  ASSERT_OK(fcntl(pipe.read, F_SETFL, O_NONBLOCK));
  static char drain[1 << 17];
  while (read(pipe.read, drain, sizeof drain) > 0) {
  }
  usleep(20'000);
  EXPECT_ERRNO(EAGAIN, read(pipe.read, drain, 1)) << "nobody writes any more";
  kill(pid, SIGKILL);
  reap(pid);
}

TEST(Sigaltstack, AutodisarmFreesTheStackWhileTheHandlerRuns) {
  static char stack[65536];
  constexpr int kAutodisarm = (int)(1u << 31);
  const stack_t alternate{.ss_sp = stack, .ss_flags = kAutodisarm, .ss_size = sizeof stack};
  ASSERT_OK(sigaltstack(&alternate, nullptr));
  static stack_t inside;
  static bool on_it;
  struct sigaction action{};
  action.sa_flags = SA_ONSTACK;
  action.sa_handler = [](int) {
    char here;
    on_it = &here >= stack && &here < stack + sizeof stack;
    EXPECT_OK(sigaltstack(nullptr, &inside));
    const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    EXPECT_OK(sigaltstack(&none, nullptr)) << "it may be changed";
  };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  ASSERT_OK(raise(SIGUSR1));
  EXPECT_TRUE(on_it);
  EXPECT_EQ(inside.ss_flags, SS_DISABLE);
  stack_t after{};
  ASSERT_OK(sigaltstack(nullptr, &after));
  EXPECT_EQ(after.ss_sp, stack) << "returning brings it back";
  EXPECT_EQ(after.ss_flags, kAutodisarm);
}
