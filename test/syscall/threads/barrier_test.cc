/// membarrier(2) and call_rseq(2).
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sched.h>
#include <sys/mman.h>

#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"
#include "threads/futex_call.h"

using namespace systest;

// Where the C library keeps its own area (glibc 2.35).
extern "C" const std::ptrdiff_t __rseq_offset;
extern "C" const unsigned __rseq_size;

namespace {

int membarrier(int command, unsigned flags = 0, int cpu = 0) {
  return (int)syscall(SYS_membarrier, command, flags, cpu);
}

constexpr unsigned kSignature = 0x53053053;
/// The C library may have registered an area of its own for this thread; a thread made by clone has none.
struct alignas(32) Area {
  unsigned cpu_id_start = 77, cpu_id = (unsigned)RSEQ_CPU_ID_UNINITIALIZED;
  std::uint64_t section = 0;
  unsigned flags = 0, padding[3] = {};
};
static_assert(sizeof(Area) == 32);

long call_rseq(void* area, unsigned size = sizeof(Area), int flags = 0, unsigned signature = kSignature) {
  return syscall(SYS_rseq, area, size, flags, signature);
}

/// Runs `body` in a child whose only thread has given the C library's area back.
int without_rseq(const std::function<void()>& body) {
  return in_child([&] {
    if (__rseq_size != 0) {
      char* thread;
      asm("mov %%fs:0, %0" : "=r"(thread));
      ASSERT_OK(call_rseq(thread + __rseq_offset, sizeof(Area), RSEQ_FLAG_UNREGISTER, kSignature));
    }
    body();
  });
}

}  // namespace

extern "C" long spin_until_aborted(Area* area);
asm(R"(
  .pushsection .data.rel, "aw"
  .balign 32
spin_section:
  .long 0, 0
  .quad spin_begin, spin_end - spin_begin, spin_abort
  .popsection
  .pushsection .text
  .globl spin_until_aborted
  .type spin_until_aborted, @function
spin_until_aborted:
  lea spin_section(%rip), %rax
  mov %rax, 8(%rdi)
spin_begin:
  pause
  jmp spin_begin
spin_end:
  xor %eax, %eax
  ret
  .long 0x53053053
spin_abort:
  mov $1, %eax
  ret
  .popsection
)");

extern "C" long spin_with_bad_signature(Area* area);
asm(R"(
  .pushsection .data.rel, "aw"
  .balign 32
bad_section:
  .long 0, 0
  .quad bad_begin, bad_end - bad_begin, bad_abort
  .popsection
  .pushsection .text
  .globl spin_with_bad_signature
  .type spin_with_bad_signature, @function
spin_with_bad_signature:
  lea bad_section(%rip), %rax
  mov %rax, 8(%rdi)
bad_begin:
  pause
  jmp bad_begin
bad_end:
  ret
  .long 0x11111111
bad_abort:
  mov $1, %eax
  ret
  .popsection
)");

TEST(Membarrier, QueryNamesAllCommandsOfLinux61) { EXPECT_EQ(membarrier(MEMBARRIER_CMD_QUERY), 0x1ff); }

TEST(Membarrier, PrivateCommandsNeedTheirRegistration) {
  EXPECT_EQ(in_child([] {
              EXPECT_ERRNO(EPERM, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
              EXPECT_ERRNO(EPERM, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE));
              EXPECT_ERRNO(EPERM, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
              EXPECT_ERRNO(EPERM, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 0));
              EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 4000));
            }),
            0);
}

TEST(Membarrier, RegistrationIsInheritedByFork) {
  EXPECT_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
  EXPECT_EQ(in_child([] { EXPECT_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)); }), 0);
}

TEST(Membarrier, GlobalCommandsWork) {
  EXPECT_OK(membarrier(MEMBARRIER_CMD_GLOBAL));
  EXPECT_OK(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED));
  EXPECT_OK(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED));
}

TEST(Membarrier, RefusesUnknownCommandsAndFlags) {
  EXPECT_ERRNO(EINVAL, membarrier(1 << 20));
  EXPECT_ERRNO(EINVAL, membarrier(MEMBARRIER_CMD_QUERY, 1));
  EXPECT_ERRNO(EINVAL, membarrier(MEMBARRIER_CMD_GLOBAL, 1));
  EXPECT_ERRNO(EINVAL, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 2));
}

TEST(Rseq, RegistrationRules) {
  EXPECT_EQ(without_rseq([] {
              static Area area, other;
              EXPECT_ERRNO(EINVAL, call_rseq(&area, sizeof area, 2)) << "unknown flag";
              EXPECT_ERRNO(EINVAL, call_rseq(&area, 20)) << "size";
              EXPECT_ERRNO(EINVAL, call_rseq((char*)&area + 4)) << "alignment";
              EXPECT_ERRNO(EFAULT, call_rseq((void*)0xffff800000000000)) << "kernel half";
              EXPECT_ERRNO(EINVAL, call_rseq(&area, sizeof area, RSEQ_FLAG_UNREGISTER)) << "nothing registered";
              ASSERT_OK(call_rseq(&area));
              EXPECT_ERRNO(EBUSY, call_rseq(&area));
              EXPECT_ERRNO(EPERM, call_rseq(&area, sizeof area, 0, 1));
              EXPECT_ERRNO(EINVAL, call_rseq(&other));
              EXPECT_ERRNO(EPERM, call_rseq(&area, sizeof area, RSEQ_FLAG_UNREGISTER, 1));
              EXPECT_ERRNO(EINVAL, call_rseq(&other, sizeof area, RSEQ_FLAG_UNREGISTER));
              EXPECT_OK(call_rseq(&area, sizeof area, RSEQ_FLAG_UNREGISTER));
              EXPECT_EQ(area.cpu_id, (unsigned)RSEQ_CPU_ID_UNINITIALIZED);
              EXPECT_EQ(area.cpu_id_start, 0u);
            }),
            0);
}

TEST(Rseq, AreaHoldsTheCpu) {
  EXPECT_EQ(without_rseq([] {
              static volatile Area area;
              ASSERT_OK(call_rseq((void*)&area));
              cpu_set_t allowed;
              ASSERT_OK(sched_getaffinity(0, sizeof allowed, &allowed));
              for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
                if (!CPU_ISSET(cpu, &allowed)) continue;
                cpu_set_t one;
                CPU_ZERO(&one);
                CPU_SET(cpu, &one);
                ASSERT_OK(sched_setaffinity(0, sizeof one, &one));
                EXPECT_EQ(area.cpu_id, (unsigned)cpu);
                EXPECT_EQ(area.cpu_id_start, (unsigned)cpu);
              }
            }),
            0);
}

TEST(Rseq, SignalAbortsACriticalSection) {
  EXPECT_EQ(without_rseq([] {
              static Area area;
              count_signal(SIGALRM);
              ASSERT_OK(call_rseq(&area));
              alarm(1);
              EXPECT_EQ(spin_until_aborted(&area), 1);
              EXPECT_EQ(area.section, 0u);
            }),
            0);
}

TEST(Rseq, PreemptionAbortsACriticalSection) {
  EXPECT_EQ(without_rseq([] {
              static Area area;
              cpu_set_t one;
              CPU_ZERO(&one);
              CPU_SET(sched_getcpu(), &one);
              ASSERT_OK(sched_setaffinity(0, sizeof one, &one));
              ASSERT_OK(call_rseq(&area));
              const pid_t rival = spawn([] {
                for (;;) {
                }
              });
              EXPECT_EQ(spin_until_aborted(&area), 1);
              kill(rival, SIGKILL);
              reap(rival);
            }),
            0);
}

TEST(Rseq, WrongSignatureIsSigsegv) {
  EXPECT_EQ(without_rseq([] {
              static Area area;
              ASSERT_OK(call_rseq(&area));
              count_signal(SIGALRM);
              alarm(1);
              spin_with_bad_signature(&area);
            }),
            128 + SIGSEGV);
}

TEST(Rseq, ForkKeepsTheRegistrationAndAThreadStartsWithout) {
  EXPECT_EQ(without_rseq([] {
              static Area area;
              ASSERT_OK(call_rseq(&area));
              EXPECT_EQ(in_child([] { EXPECT_ERRNO(EBUSY, call_rseq(&area)); }), 0);
            }),
            0);
}

TEST(Rseq, ExecForgetsTheRegistration) {
  EXPECT_EQ(without_rseq([] {
              auto* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              ASSERT_OK(call_rseq(page));
              execl("/bin/busybox", "true", nullptr);
            }),
            0);
}
