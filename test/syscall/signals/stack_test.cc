/// sigaltstack(2), and the machine state that survives a handler.
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

char* address_in_handler;
int flags_in_handler;
void on_stack(int) {
  char local;
  address_in_handler = &local;
  stack_t now{};
  sigaltstack(nullptr, &now);
  flags_in_handler = now.ss_flags;
}

void catch_on_stack(int signal, int flags) {
  struct sigaction action{};
  action.sa_handler = on_stack;
  action.sa_flags = flags;
  ASSERT_OK(sigaction(signal, &action, nullptr));
}

bool inside(const Pages& pages, const char* address) {
  return address >= pages.at() && address < pages.at() + pages.size();
}

/// Overwrites the x87 and SSE state, as a handler that computes would.
void on_clobber(int) {
  asm volatile(
      "pcmpeqd %%xmm0,%%xmm0; movaps %%xmm0,%%xmm1; movaps %%xmm0,%%xmm6; movaps %%xmm0,%%xmm15;"
      "fninit; fldpi; fldpi" ::
          : "xmm0", "xmm1", "xmm6", "xmm15");
}

}  // namespace

TEST(Sigaltstack, HandlerRunsOnItWhenAsked) {
  Pages stack{16};
  const stack_t alternate{stack.at(), 0, stack.size()};
  ASSERT_OK(sigaltstack(&alternate, nullptr));
  catch_on_stack(SIGUSR1, SA_ONSTACK);
  raise(SIGUSR1);
  EXPECT_TRUE(inside(stack, address_in_handler));
  EXPECT_EQ(flags_in_handler, SS_ONSTACK);
  catch_on_stack(SIGUSR1, 0);
  raise(SIGUSR1);
  EXPECT_FALSE(inside(stack, address_in_handler));
}

TEST(Sigaltstack, TellsAndDisables) {
  Pages stack{16};
  stack_t now{};
  EXPECT_OK(sigaltstack(nullptr, &now));
  EXPECT_EQ(now.ss_flags, SS_DISABLE);
  const stack_t alternate{stack.at(), 0, stack.size()};
  ASSERT_OK(sigaltstack(&alternate, nullptr));
  const stack_t none{nullptr, SS_DISABLE, 0};
  EXPECT_OK(sigaltstack(&none, &now));
  EXPECT_EQ(now.ss_sp, stack.at());
  EXPECT_EQ(now.ss_size, stack.size());
  EXPECT_EQ(now.ss_flags, 0);
}

TEST(Sigaltstack, RefusesSmallStacksAndUnknownFlags) {
  Pages stack{16};
  const stack_t small{stack.at(), 0, 1024}, odd{stack.at(), 77, stack.size()};
  EXPECT_ERRNO(ENOMEM, sigaltstack(&small, nullptr));
  EXPECT_ERRNO(EINVAL, sigaltstack(&odd, nullptr));
}

TEST(Sigaltstack, CannotBeChangedWhileInUse) {
  EXPECT_EQ(in_child([] {
              Pages stack{16};
              const stack_t alternate{stack.at(), 0, stack.size()};
              ASSERT_OK(sigaltstack(&alternate, nullptr));
              struct sigaction action{};
              action.sa_flags = SA_ONSTACK;
              action.sa_handler = [](int) {
                const stack_t none{nullptr, SS_DISABLE, 0};
                EXPECT_ERRNO(EPERM, sigaltstack(&none, nullptr));
              };
              ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
              raise(SIGUSR1);
            }),
            0);
}

TEST(Sigaltstack, CatchesAStackOverflow) {
  EXPECT_EQ(in_child([] {
              Pages stack{16};
              const stack_t alternate{stack.at(), 0, stack.size()};
              ASSERT_OK(sigaltstack(&alternate, nullptr));
              struct sigaction action{};
              action.sa_flags = SA_ONSTACK;
              action.sa_handler = [](int) { _exit(17); };
              ASSERT_OK(sigaction(SIGSEGV, &action, nullptr));
              asm volatile("1: sub $4096,%%rsp; movb $0,(%%rsp); jmp 1b" ::: "memory");
            }),
            17);
}

TEST(Sigaltstack, ForkKeepsIt) {
  Pages stack{16};
  const stack_t alternate{stack.at(), 0, stack.size()};
  ASSERT_OK(sigaltstack(&alternate, nullptr));
  EXPECT_EQ(in_child([&] {
              stack_t now{};
              EXPECT_OK(sigaltstack(nullptr, &now));
              EXPECT_EQ(now.ss_sp, stack.at());
            }),
            0);
}

TEST(SignalState, SseAndX87RegistersSurviveAHandler) {
  struct sigaction action{};
  action.sa_handler = on_clobber;
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  const pid_t pid = getpid(), tid = gettid();
  alignas(16) unsigned char before[16], after[16];
  for (int i = 0; i < 16; i++) before[i] = (unsigned char)(i * 17 + 3);
  double one = 0;
  long result = 234;  // tgkill
  asm volatile(
      "movaps %[before],%%xmm6; fninit; fld1;"
      "syscall;"
      "movaps %%xmm6,%[after]; fstpl %[one]"
      : "+a"(result), [after] "=m"(after), [one] "=m"(one)
      : "D"((long)pid), "S"((long)tid), "d"((long)SIGUSR1), [before] "m"(before)
      : "rcx", "r11", "xmm6", "memory", "st");
  EXPECT_EQ(result, 0);
  EXPECT_EQ(memcmp(before, after, sizeof before), 0);
  EXPECT_EQ(one, 1.0);
}

TEST(SignalState, SseRegistersAndRoundingModeSurviveFork) {
  unsigned mxcsr = 0x1f80 | 0x6000, now = 0;
  asm volatile("ldmxcsr %0" ::"m"(mxcsr));
  EXPECT_EQ(in_child([&] {
              asm volatile("stmxcsr %0" : "=m"(now));
              EXPECT_EQ(now & 0x6000u, 0x6000u);
            }),
            0);
  asm volatile("stmxcsr %0" : "=m"(now));
  EXPECT_EQ(now & 0x6000u, 0x6000u);
}

TEST(SignalState, HandlerStartsWithTheDirectionFlagClear) {
  static volatile unsigned long flags_seen = ~0ul;
  static sigjmp_buf landing;
  struct sigaction action{};
  action.sa_handler = [](int) {
    unsigned long flags;
    asm volatile("pushfq; pop %0; cld" : "=r"(flags));
    flags_seen = flags;
    siglongjmp(landing, 1);
  };
  ASSERT_OK(sigaction(SIGILL, &action, nullptr));
  if (sigsetjmp(landing, 1) == 0) asm volatile("std; ud2");
  EXPECT_EQ(flags_seen & 0x400, 0u);
}

TEST(SignalState, RedZoneBelowTheStackPointerIsKept) {
  count_signal(SIGUSR1);
  const pid_t pid = getpid(), tid = gettid();
  long result = 234;
  unsigned long kept = 0;
  asm volatile(
      "movq $0x5a5a5a5a,-128(%%rsp);"
      "syscall;"
      "movq -128(%%rsp),%1"
      : "+a"(result), "=&r"(kept)
      : "D"((long)pid), "S"((long)tid), "d"((long)SIGUSR1)
      : "rcx", "r11", "memory");
  EXPECT_EQ(kept, 0x5a5a5a5aul);
  EXPECT_EQ(seen.count, 1);
}

TEST(SignalState, LongjmpOutOfAHandlerRestoresTheMask) {
  sigjmp_buf out;
  static sigjmp_buf* landing;
  landing = &out;
  struct sigaction action{};
  action.sa_handler = [](int) { siglongjmp(*landing, 1); };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  volatile int jumps = 0;
  if (sigsetjmp(out, 1) != 0) jumps = jumps + 1;
  if (jumps < 3) raise(SIGUSR1);
  EXPECT_EQ(jumps, 3);
}

TEST(SignalState, BadFrameOnSigreturnKills) {
  EXPECT_EQ(in_child([] { asm volatile("mov $0x1000,%%rsp; mov $15,%%eax; syscall" ::: "memory"); }), 128 + SIGSEGV);
}

TEST(SignalState, HandlerWithoutRoomForItsFrameKills) {
  EXPECT_EQ(in_child([] {
              count_signal(SIGUSR1);
              const pid_t pid = getpid();
              asm volatile("mov $0x2000,%%rsp; mov $62,%%eax; syscall; hlt" ::"D"((long)pid), "S"((long)SIGUSR1)
                           : "memory", "rax");
            }),
            128 + SIGSEGV);
}
