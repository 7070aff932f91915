/// rt_sigaction(2): dispositions, flags and what a handler is told.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

siginfo_t last_info;
ucontext_t last_context;

void on_info(int, siginfo_t* info, void* context) {
  last_info = *info;
  memcpy(&last_context, context, sizeof last_context);
}

void catch_info(int signal, int flags = 0) {
  struct sigaction action{};
  action.sa_sigaction = on_info;
  action.sa_flags = SA_SIGINFO | flags;
  ASSERT_OK(sigaction(signal, &action, nullptr));
}

sigset_t mask_seen;
void on_mask(int) { sigprocmask(SIG_BLOCK, nullptr, &mask_seen); }

int depth, deepest;
void on_nested(int signal) {
  deepest = std::max(deepest, ++depth);
  if (depth < 3) raise(signal);
  depth--;
}

}  // namespace

TEST(Sigaction, HandlerRunsAndExecutionGoesOn) {
  count_signal(SIGUSR1);
  EXPECT_OK(raise(SIGUSR1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.signal, SIGUSR1);
}

TEST(Sigaction, TellsTheOldAction) {
  count_signal(SIGUSR1, SA_RESTART);
  struct sigaction old{};
  EXPECT_OK(sigaction(SIGUSR1, nullptr, &old));
  EXPECT_TRUE(old.sa_flags & SA_RESTART);
  EXPECT_NE(old.sa_handler, SIG_DFL);
  EXPECT_EQ(signal(SIGUSR1, SIG_IGN), old.sa_handler);
  EXPECT_EQ(signal(SIGUSR1, SIG_DFL), SIG_IGN);
}

TEST(Sigaction, RefusesKillStopAndNonsense) {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  EXPECT_ERRNO(EINVAL, sigaction(SIGKILL, &action, nullptr));
  EXPECT_ERRNO(EINVAL, sigaction(SIGSTOP, &action, nullptr));
  EXPECT_OK(syscall(SYS_rt_sigaction, SIGKILL, nullptr, &action, 8)) << "looking is allowed";
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigaction, 0, &action, nullptr, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigaction, 65, &action, nullptr, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_rt_sigaction, SIGUSR1, &action, nullptr, 4)) << "wrong set size";
}

TEST(Sigaction, SignalIsBlockedInItsOwnHandler) {
  struct sigaction action{};
  action.sa_handler = on_mask;
  sigaddset(&action.sa_mask, SIGUSR2);
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  raise(SIGUSR1);
  EXPECT_EQ(sigismember(&mask_seen, SIGUSR1), 1);
  EXPECT_EQ(sigismember(&mask_seen, SIGUSR2), 1) << "from sa_mask";
  sigset_t now;
  sigprocmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 0) << "the old mask is back";
  EXPECT_EQ(sigismember(&now, SIGUSR2), 0);
}

TEST(Sigaction, NodeferLetsTheHandlerNest) {
  struct sigaction action{};
  action.sa_handler = on_nested;
  action.sa_flags = SA_NODEFER;
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  raise(SIGUSR1);
  EXPECT_EQ(deepest, 3);
}

TEST(Sigaction, ResethandHandlesOnce) {
  EXPECT_EQ(in_child([] {
              count_signal(SIGUSR1, SA_RESETHAND);
              raise(SIGUSR1);
              EXPECT_EQ(seen.count, 1);
              struct sigaction now{};
              EXPECT_OK(sigaction(SIGUSR1, nullptr, &now));
              EXPECT_EQ(now.sa_handler, SIG_DFL);
              raise(SIGUSR1);
            }),
            128 + SIGUSR1);
}

TEST(Siginfo, KillTellsSender) {
  catch_info(SIGUSR1);
  ASSERT_OK(kill(getpid(), SIGUSR1));
  EXPECT_EQ(last_info.si_signo, SIGUSR1);
  EXPECT_EQ(last_info.si_code, SI_USER);
  EXPECT_EQ(last_info.si_pid, getpid());
  EXPECT_EQ(last_info.si_uid, 0u);
}

TEST(Siginfo, TgkillTellsSenderWithItsOwnCode) {
  catch_info(SIGUSR1);
  ASSERT_OK(tgkill(getpid(), gettid(), SIGUSR1));
  EXPECT_EQ(last_info.si_code, SI_TKILL);
  EXPECT_EQ(last_info.si_pid, getpid());
}

TEST(Siginfo, ChildEventsTellStatus) {
  catch_info(SIGCHLD);
  block({SIGCHLD});
  const sigset_t none = set_of({});
  const pid_t pid = spawn([] { raise(SIGKILL); });
  sigsuspend(&none);
  EXPECT_EQ(last_info.si_code, CLD_KILLED);
  EXPECT_EQ(last_info.si_pid, pid);
  EXPECT_EQ(last_info.si_status, SIGKILL);
  reap(pid);
}

TEST(Siginfo, StopAndContinueOfAChildAreTold) {
  catch_info(SIGCHLD);
  block({SIGCHLD});
  const sigset_t none = set_of({});
  const pid_t pid = spawn([] { pause(); });
  kill(pid, SIGSTOP);
  sigsuspend(&none);
  EXPECT_EQ(last_info.si_code, CLD_STOPPED);
  EXPECT_EQ(last_info.si_status, SIGSTOP);
  kill(pid, SIGCONT);
  sigsuspend(&none);
  EXPECT_EQ(last_info.si_code, CLD_CONTINUED);
  kill(pid, SIGKILL);
  reap(pid);
}

TEST(Siginfo, NocldstopKeepsStopsQuiet) {
  count_signal(SIGCHLD, SA_NOCLDSTOP);
  const pid_t pid = spawn([] { pause(); });
  kill(pid, SIGSTOP);
  EXPECT_EQ(waitpid(pid, nullptr, WUNTRACED), pid);
  EXPECT_EQ(seen.count, 0);
  kill(pid, SIGKILL);
  reap(pid);
  EXPECT_EQ(seen.count, 1);
}

TEST(Siginfo, ArithmeticAndIllegalInstructionTellTheirAddress) {
  EXPECT_EQ(in_child([] {
              struct sigaction action{};
              action.sa_flags = SA_SIGINFO;
              action.sa_sigaction = [](int, siginfo_t* info, void*) {
                _exit(info->si_code == FPE_INTDIV && info->si_addr != nullptr ? 0 : 1);
              };
              sigaction(SIGFPE, &action, nullptr);
              asm volatile("xor %%ecx,%%ecx; div %%ecx" ::: "eax", "ecx", "edx");
            }),
            0);
  EXPECT_EQ(in_child([] {
              struct sigaction action{};
              action.sa_flags = SA_SIGINFO;
              action.sa_sigaction = [](int, siginfo_t* info, void*) {
                _exit(info->si_code == ILL_ILLOPN && info->si_addr != nullptr ? 0 : 1);
              };
              sigaction(SIGILL, &action, nullptr);
              asm volatile("ud2");
            }),
            0);
}

TEST(Siginfo, BreakpointIsATrap) {
  EXPECT_EQ(in_child([] { asm volatile("int3"); }), 128 + SIGTRAP);
}

TEST(Siginfo, ContextHoldsTheFaultingRegisters) {
  EXPECT_EQ(in_child([] {
              struct sigaction action{};
              action.sa_flags = SA_SIGINFO;
              action.sa_sigaction = [](int, siginfo_t*, void* context) {
                auto* c = static_cast<ucontext_t*>(context);
                if (c->uc_mcontext.gregs[REG_R12] != 0x1234567) _exit(1);
                c->uc_mcontext.gregs[REG_RIP] += 2;  // over ud2
                c->uc_mcontext.gregs[REG_R12] = 0x7654321;
              };
              sigaction(SIGILL, &action, nullptr);
              long value = 0x1234567;
              asm volatile("mov %0,%%r12; ud2; mov %%r12,%0" : "+r"(value)::"r12");
              EXPECT_EQ(value, 0x7654321) << "what the handler changes is what goes on";
            }),
            0);
}

TEST(Siginfo, PrivilegedInstructionIsASegmentationFault) {
  EXPECT_EQ(in_child([] { asm volatile("hlt"); }), 128 + SIGSEGV);
  EXPECT_EQ(in_child([] { asm volatile("cli"); }), 128 + SIGSEGV);
  EXPECT_EQ(in_child([] { asm volatile("out %al,$0x80"); }), 128 + SIGSEGV);
}

TEST(DefaultAction, TerminatesIgnoresOrStops) {
  for (int signal :
       {SIGHUP, SIGINT,  SIGQUIT, SIGILL, SIGABRT, SIGFPE,    SIGSEGV, SIGPIPE, SIGALRM, SIGTERM,   SIGUSR1,  SIGUSR2,
        SIGBUS, SIGPOLL, SIGPROF, SIGSYS, SIGTRAP, SIGVTALRM, SIGXCPU, SIGXFSZ, SIGPWR,  SIGSTKFLT, SIGRTMIN, SIGRTMAX})
    EXPECT_EQ(in_child([=] { kill(getpid(), signal); }), 128 + signal) << signal;
  for (int signal : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT})
    EXPECT_EQ(in_child([=] { kill(getpid(), signal); }), 0) << signal;
}

TEST(DefaultAction, TerminalStopSignalsStop) {
  for (int signal : {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU}) {
    const pid_t pid = spawn([=] {
      ASSERT_OK(setpgid(0, 0));
      kill(getpid(), signal);
    });
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
    EXPECT_TRUE(WIFSTOPPED(status)) << signal;
    EXPECT_EQ(WSTOPSIG(status), signal);
    kill(pid, SIGCONT);
    EXPECT_EQ(reap(pid), 0);
  }
}

TEST(DefaultAction, IgnoredSignalIsForgotten) {
  signal(SIGTERM, SIG_IGN);
  EXPECT_OK(raise(SIGTERM));
  signal(SIGTERM, SIG_DFL);
  block({SIGTERM});
  EXPECT_OK(raise(SIGTERM));
  signal(SIGTERM, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  sigset_t pending;
  ASSERT_OK(sigpending(&pending));
  EXPECT_EQ(sigismember(&pending, SIGTERM), 0) << "ignoring discards what was pending";
}

TEST(DefaultAction, ContinueDiscardsPendingStopsAndBack) {
  block({SIGTSTP, SIGCONT});
  raise(SIGTSTP);
  raise(SIGCONT);
  sigset_t pending;
  ASSERT_OK(sigpending(&pending));
  EXPECT_EQ(sigismember(&pending, SIGTSTP), 0);
  EXPECT_EQ(sigismember(&pending, SIGCONT), 1);
  raise(SIGTSTP);
  ASSERT_OK(sigpending(&pending));
  EXPECT_EQ(sigismember(&pending, SIGCONT), 0);
  raise(SIGCONT);
}
