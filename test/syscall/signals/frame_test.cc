/// The signal frame: extended processor state in it and across handlers; frames that cannot be returned from.
#include <cpuid.h>
#include <immintrin.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

std::uint64_t enabled_components() {
  unsigned low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t)high << 32 | low;
}
/// Where XSAVE's standard format has `component`.
unsigned offset_of(unsigned component) {
  unsigned size, offset, c, d;
  __cpuid_count(13, component, size, offset, c, d);
  return offset;
}
bool has_avx512() { return (enabled_components() & 0xe0) == 0xe0; }

constexpr std::uint32_t kMagic1 = 0x46505853,
                        kMagic2 = 0x46505845;  // <asm/sigcontext.h>, which glibc's headers exclude

_fpx_sw_bytes software;
std::uint32_t magic2;
std::uint64_t header;
void (*change)(char* state);

char* state_of(void* context) { return (char*)static_cast<ucontext_t*>(context)->uc_mcontext.fpregs; }

void on_signal(int, siginfo_t*, void* context) {
  char* const state = state_of(context);
  memcpy(&software, state + 464, sizeof software);
  memcpy(&header, state + 512, sizeof header);
  memcpy(&magic2, state + software.extended_size - 4, sizeof magic2);
  if (change != nullptr) change(state);
}

void catch_with(void (*what)(char*)) {
  change = what;
  struct sigaction action{};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO;
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
}

/// kill(getpid(), SIGUSR1) without a call that could use vector registers, between two instructions.
#define SIGNAL_MYSELF "movl %[call],%%eax; movl %[pid],%%edi; movl %[signal],%%esi; syscall;"
#define MYSELF [call] "i"(SYS_kill), [pid] "r"(pid), [signal] "i"(SIGUSR1)
#define CLOBBERED "rax", "rdi", "rsi", "rcx", "r11", "memory"

}  // namespace

TEST(SignalFrame, DescribesTheExtendedState) {
  catch_with(nullptr);
  ASSERT_OK(raise(SIGUSR1));
  EXPECT_EQ(software.magic1, kMagic1);
  EXPECT_EQ(magic2, kMagic2);
  EXPECT_EQ(software.extended_size, software.xstate_size + 4);
  unsigned bytes, b, c, d;
  __cpuid_count(13, 0, b, bytes, c, d);
  EXPECT_GE(software.xstate_size, 576u);
  EXPECT_LE(software.xstate_size, bytes);
  EXPECT_EQ(software.xstate_bv & 7, enabled_components() & 7);
  EXPECT_EQ(header & 3, 3u) << "a handler may change x87 and SSE state without knowing of the header";
}

TEST(SignalFrame, ContextFlagsSayThatThereIsExtendedState) {
  static unsigned long flags;
  struct sigaction action{};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t*, void* context) { flags = static_cast<ucontext_t*>(context)->uc_flags; };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  ASSERT_OK(raise(SIGUSR1));
  EXPECT_EQ(flags, 7u) << "UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS";
}

__attribute__((target("avx"))) static void check_avx_survives() {
  alignas(32) std::uint64_t in[4] = {1, 2, 3, 4}, out[4] = {};
  const int pid = getpid();
  catch_with([](char*) {
    asm volatile("vpcmpeqd %%xmm0,%%xmm0,%%xmm0; vinsertf128 $1,%%xmm0,%%ymm0,%%ymm7" ::: "xmm0", "xmm7");
  });
  asm volatile("vmovdqa %[in],%%ymm7;" SIGNAL_MYSELF "vmovdqa %%ymm7,%[out];"
               : [out] "=m"(out)
               : [in] "m"(in), MYSELF
               : CLOBBERED, "xmm7");
  for (int i = 0; i < 4; i++) EXPECT_EQ(out[i], in[i]) << i;
}

__attribute__((target("avx"))) static void check_avx_can_change() {
  alignas(32) std::uint64_t in[4] = {1, 2, 3, 4}, out[4] = {};
  const int pid = getpid();
  catch_with([](char* state) {
    std::uint64_t value = 77;
    memcpy(state + 160 + 7 * 16, &value, sizeof value);  // low half of ymm7, with SSE
    value = 88;
    memcpy(state + offset_of(2) + 7 * 16, &value, sizeof value);  // high half
  });
  asm volatile("vmovdqa %[in],%%ymm7;" SIGNAL_MYSELF "vmovdqa %%ymm7,%[out];"
               : [out] "=m"(out)
               : [in] "m"(in), MYSELF
               : CLOBBERED, "xmm7");
  EXPECT_EQ(out[0], 77u);
  EXPECT_EQ(out[1], 2u);
  EXPECT_EQ(out[2], 88u);
  EXPECT_EQ(out[3], 4u);
}

TEST(SignalFrame, HandlerMayChangeTheSavedVectorRegisters) { check_avx_can_change(); }

__attribute__((target("avx512f"))) static void check_avx512() {
  alignas(64) std::uint64_t in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8] = {};
  std::uint64_t mask = 0;
  const int pid = getpid();
  catch_with([](char*) {
    asm volatile("vpternlogd $0xff,%%zmm31,%%zmm31,%%zmm31; kxnorw %%k3,%%k3,%%k3" ::: "xmm31", "k3");
  });
  asm volatile("vmovdqa64 %[in],%%zmm31; movl $0x5a5a,%%eax; kmovw %%eax,%%k3;" SIGNAL_MYSELF
               "vmovdqa64 %%zmm31,%[out]; kmovw %%k3,%%eax; movq %%rax,%[mask];"
               : [out] "=m"(out), [mask] "=m"(mask)
               : [in] "m"(in), MYSELF
               : CLOBBERED, "xmm31", "k3");
  for (int i = 0; i < 8; i++) EXPECT_EQ(out[i], in[i]) << i;
  EXPECT_EQ(mask & 0xffff, 0x5a5au);
}

/// AVX-512's too where the CPU has them.
TEST(SignalFrame, VectorRegistersSurviveAHandlerThatUsesThem) {
  ASSERT_NE(enabled_components() & 4, 0u);
  check_avx_survives();
  if (has_avx512()) check_avx512();
}

TEST(SignalFrame, WithoutTheMagicOnlyTheLegacyStateComesBack) {
  catch_with([](char* state) {
    memset(state + 464, 0, 4);  // magic1
    const std::uint64_t value = 55;
    memcpy(state + 160 + 7 * 16, &value, sizeof value);
  });
  const int pid = getpid();
  std::uint64_t low = 0;
  asm volatile(SIGNAL_MYSELF "movq %%xmm7,%[low];" : [low] "=r"(low) : MYSELF : CLOBBERED, "xmm7");
  EXPECT_EQ(low, 55u);
}

TEST(SignalFrame, HandlerStartsWithInitialFloatingPointState) {
  static unsigned mxcsr;
  static unsigned short control;
  catch_with([](char*) { asm volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(control)); });
  const unsigned rounding = 0x1f80 | 0x6000;
  const int pid = getpid();
  asm volatile("ldmxcsr %[rounding];" SIGNAL_MYSELF::[rounding] "m"(rounding), MYSELF : CLOBBERED);
  const unsigned usual = 0x1f80;
  unsigned after;
  asm volatile("stmxcsr %0; ldmxcsr %1" : "=m"(after) : "m"(usual));
  EXPECT_EQ(mxcsr, 0x1f80u);
  EXPECT_EQ(control, 0x37f);
  EXPECT_EQ(after, rounding);
}

TEST(SignalFrame, ReservedHeaderBitsInTheFrameKill) {
  EXPECT_EQ(in_child([] {
              catch_with([](char* state) { memset(state + 512 + 8, 0xff, 8); });  // the compaction mask
              raise(SIGUSR1);
            }),
            128 + SIGSEGV);
}

TEST(SignalFrame, StatePointerThatCannotBeReadKills) {
  EXPECT_EQ(in_child([] {
              struct sigaction action{};
              action.sa_flags = SA_SIGINFO;
              action.sa_sigaction = [](int, siginfo_t*, void* context) {
                static_cast<ucontext_t*>(context)->uc_mcontext.fpregs = (fpregset_t)0x1000;
              };
              ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
              raise(SIGUSR1);
            }),
            128 + SIGSEGV);
}

TEST(SignalFrame, PrivilegedFlagsDoNotComeFromTheFrame) {
  static long flags;
  struct sigaction action{};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t*, void* context) {
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] |= 0x3000;  // I/O privilege level
  };
  ASSERT_OK(sigaction(SIGUSR1, &action, nullptr));
  raise(SIGUSR1);
  asm volatile("pushfq; pop %0" : "=r"(flags));
  EXPECT_EQ(flags & 0x3000, 0);
}

TEST(SignalFrame, CorruptFrameCanBeCaughtOnTheAlternateStack) {
  EXPECT_EQ(in_child([] {
              static char stack[65536];
              const stack_t alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
              ASSERT_OK(sigaltstack(&alternate, nullptr));
              struct sigaction action{};
              action.sa_flags = SA_SIGINFO | SA_ONSTACK;
              action.sa_sigaction = [](int, siginfo_t* info, void*) { _exit(info->si_code == SI_KERNEL ? 0 : 1); };
              ASSERT_OK(sigaction(SIGSEGV, &action, nullptr));
              asm volatile("mov $0x1000,%%rsp; mov $15,%%eax; syscall" ::: "memory");
            }),
            0);
}
