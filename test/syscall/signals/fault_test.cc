/// Signals that the running instruction raises: their codes and addresses, and what happens when they are blocked. SSE exceptions
/// and alignment checks are not here: QEMU's emulated processor raises neither.
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"
#include "support/signals.h"

using namespace systest;

namespace {

siginfo_t told;
long trap_number, rip;
sigjmp_buf landing;

void on_fault(int, siginfo_t* info, void* context) {
  told = *info;
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  trap_number = registers[REG_TRAPNO];
  rip = registers[REG_RIP];
  siglongjmp(landing, 1);
}

/// Runs `body` with every fault signal caught: the signal, 0 if there was none. `told` has the rest.
template <typename Body>
int caught(Body body) {
  told = {};
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) EXPECT_OK(sigaction(signal, &action, nullptr));
  if (sigsetjmp(landing, 1) == 0) body();
  return told.si_signo;
}

void unmask_x87(unsigned exceptions) {
  const auto control = (unsigned short)(0x37f & ~exceptions);
  asm volatile("fninit; fldcw %0" ::"m"(control));
}
constexpr unsigned kInvalid = 1, kDivision = 4;  // bits of the x87 control word

}  // namespace

TEST(FaultSignal, UnmappedMemoryIsMaperrAtItsAddress) {
  Pages pages{2};
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_EQ(caught([&] { poke(pages.at(1) + 5, 1); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SEGV_MAPERR);
  EXPECT_EQ(told.si_addr, pages.at(1) + 5);
  EXPECT_EQ(trap_number, 14);
}

TEST(FaultSignal, ForbiddenAccessIsAccerr) {
  Pages pages{1, PROT_READ};
  EXPECT_EQ(caught([&] { poke(pages.at() + 7, 1); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SEGV_ACCERR);
  EXPECT_EQ(told.si_addr, pages.at() + 7);
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_NONE));
  EXPECT_EQ(caught([&] { peek(pages.at()); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SEGV_ACCERR);
}

TEST(FaultSignal, ExecutingDataIsAccerr) {
  Pages pages{1};
  poke(pages.at(), (char)0xc3);
  EXPECT_EQ(caught([&] { ((void (*)())pages.at())(); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SEGV_ACCERR);
  EXPECT_EQ(told.si_addr, pages.at());
  EXPECT_EQ(rip, (long)pages.at());
}

TEST(FaultSignal, NonCanonicalAddressComesFromTheKernelWithoutAddress) {
  EXPECT_EQ(caught([] { peek((void*)0x8000'0000'0000'0000); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SI_KERNEL);
  EXPECT_EQ(told.si_addr, nullptr);
  EXPECT_EQ(trap_number, 13);
}

TEST(FaultSignal, KernelAddressIsMaperr) {
  EXPECT_EQ(caught([] { peek((void*)0xffff'ffff'ff80'0000); }), SIGSEGV);
  EXPECT_EQ(told.si_code, SEGV_MAPERR);
  EXPECT_EQ(told.si_addr, (void*)0xffff'ffff'ff80'0000);
}

TEST(FaultSignal, BeyondTheEndOfAMappedFileIsABusError) {
  put("f", "short");
  const Fd fd{open("f", O_RDWR)};
  auto* map = (char*)mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ASSERT_NE(map, MAP_FAILED);
  EXPECT_EQ(caught([&] { peek(map + 100); }), 0) << "the rest of the last page is zeros";
  EXPECT_EQ(caught([&] { peek(map + kPage + 3); }), SIGBUS);
  EXPECT_EQ(told.si_code, BUS_ADRERR);
  EXPECT_EQ(told.si_addr, map + kPage + 3);
  ASSERT_OK(ftruncate(fd, 0));
  EXPECT_EQ(caught([&] { poke(map, 1); }), SIGBUS) << "truncated under the mapping";
  munmap(map, 2 * kPage);
}

TEST(FaultSignal, IntegerDivisionTellsTheInstruction) {
  EXPECT_EQ(caught([] { asm volatile("xor %%ecx,%%ecx; div %%ecx" ::: "eax", "ecx", "edx"); }), SIGFPE);
  EXPECT_EQ(told.si_code, FPE_INTDIV);
  EXPECT_EQ((long)told.si_addr, rip);
  EXPECT_EQ(trap_number, 0);
}

TEST(FaultSignal, X87ExceptionsTellTheirKind) {
  EXPECT_EQ(caught([] {
              unmask_x87(kDivision);
              asm volatile("fld1; fldz; fdivrp; fwait");
            }),
            SIGFPE);
  asm volatile("fninit");
  EXPECT_EQ(told.si_code, FPE_FLTDIV);
  EXPECT_EQ(trap_number, 16);
  EXPECT_EQ(caught([] {
              unmask_x87(kInvalid);
              asm volatile("fldz; fldz; fdivp; fwait");
            }),
            SIGFPE);
  asm volatile("fninit");
  EXPECT_EQ(told.si_code, FPE_FLTINV);
}

TEST(FaultSignal, BreakpointComesFromTheKernelBehindTheInstruction) {
  EXPECT_EQ(caught([] { asm volatile("int3"); }), SIGTRAP);
  EXPECT_EQ(told.si_code, SI_KERNEL);
  EXPECT_EQ(trap_number, 3);
}

TEST(FaultSignal, SingleStepIsATraceTrap) {
  EXPECT_EQ(caught([] { asm volatile("pushfq; orl $0x100,(%%rsp); popfq; nop; nop" ::: "cc", "memory"); }), SIGTRAP);
  EXPECT_EQ(told.si_code, TRAP_TRACE);
  EXPECT_EQ((long)told.si_addr, rip);
  EXPECT_EQ(trap_number, 1);
}

TEST(FaultSignal, BlockedOrIgnoredFaultsKill) {
  EXPECT_EQ(in_child([] {
              count_signal(SIGSEGV);
              block({SIGSEGV});
              peek((void*)8);
            }),
            128 + SIGSEGV);
  EXPECT_EQ(in_child([] {
              signal(SIGILL, SIG_IGN);
              asm volatile("ud2");
            }),
            128 + SIGILL);
  EXPECT_EQ(in_child([] {
              signal(SIGFPE, SIG_IGN);
              asm volatile("xor %%ecx,%%ecx; div %%ecx" ::: "eax", "ecx", "edx");
            }),
            128 + SIGFPE);
}

TEST(FaultSignal, SentFaultSignalsCanBeIgnoredAndBlocked) {
  signal(SIGSEGV, SIG_IGN);
  EXPECT_OK(kill(getpid(), SIGSEGV));
  count_signal(SIGSEGV);
  block({SIGSEGV});
  EXPECT_OK(kill(getpid(), SIGSEGV));
  EXPECT_EQ(seen.count, 0);
  unblock({SIGSEGV});
  EXPECT_EQ(seen.count, 1);
}

TEST(FaultSignal, FaultInItsOwnHandlerKills) {
  EXPECT_EQ(in_child([] {
              signal(SIGSEGV, [](int) { peek((void*)16); });
              peek((void*)8);
            }),
            128 + SIGSEGV);
}
