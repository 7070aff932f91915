#include "kernel/task/rseq.h"

#include <linux/rseq.h>

#include "kernel/task/signal.h"

namespace k::task {
namespace {

constexpr std::uint64_t kCpuIdStart = 0, kCpuId = 4, kCriticalSection = 8, kFlags = 16;

UserOut<std::uint64_t> section_pointer(const Task& self) {
  return UserOut<std::uint64_t>{self.rseq_area + kCriticalSection};
}

Result<void> check(const uapi::rseq_cs& section) {
  const std::uint64_t end = section.start_ip + section.post_commit_offset;
  if (section.version != 0 || section.start_ip >= arch::kUserEnd || section.abort_ip >= arch::kUserEnd)
    return err(Errno::inval);
  if (end < section.start_ip || end >= arch::kUserEnd) return err(Errno::inval);
  // Aborting must lead out of the section.
  if (section.abort_ip - section.start_ip < section.post_commit_offset) return err(Errno::inval);
  return {};
}

/// Sends a thread that is inside a critical section to its abort handler, whose first bytes' signature shows that it is one.
Result<void> abort_section(Task& self, arch::UserRegs& regs) {
  const std::uint64_t at = TRY(UserIn<std::uint64_t>{self.rseq_area + kCriticalSection}.read());
  if (at == 0) return {};
  if (at >= arch::kUserEnd) return err(Errno::inval);
  const uapi::rseq_cs section = TRY(UserIn<uapi::rseq_cs>{UserAddr{at}}.read());
  TRY(check(section));
  const std::uint32_t signature = TRY(UserIn<std::uint32_t>{UserAddr{section.abort_ip - sizeof(std::uint32_t)}}.read());
  if (signature != self.rseq_signature) return err(Errno::inval);
  if (regs.rip - section.start_ip >= section.post_commit_offset) return section_pointer(self).write(0);
  // Sections that some events do not abort are no longer supported (Linux 6.1).
  const std::uint32_t flags = TRY(UserIn<std::uint32_t>{self.rseq_area + kFlags}.read());
  if (section.flags != 0 || flags != 0) return err(Errno::inval);
  TRY(section_pointer(self).write(0));
  regs.rip = section.abort_ip;
  return {};
}

Result<void> write_cpu(UserAddr area, std::uint32_t start, std::uint32_t id) {
  TRY(UserOut<std::uint32_t>{area + kCpuIdStart}.write(start));
  return UserOut<std::uint32_t>{area + kCpuId}.write(id);
}

void fail() { force_on_current(SignalInfo::from_kernel(SIGSEGV)); }

}  // namespace

void set_rseq(Task& self, UserAddr area, std::uint32_t signature) {
  self.rseq_area = area;
  self.rseq_signature = signature;
  self.notify_on_move = area.value != 0;
  if (self.notify_on_move) self.add_exit_work(arch::ExitWork::notify);
}

Result<void> reset_rseq_area(UserAddr area) {
  return write_cpu(area, 0, static_cast<std::uint32_t>(uapi::RSEQ_CPU_ID_UNINITIALIZED));
}

void resume_rseq(Task& self, arch::UserRegs& regs) {
  if (self.rseq_area.value == 0) return;
  const std::uint32_t cpu = self.cpu();  // a move after this asks for notify work again
  if (!abort_section(self, regs) || !write_cpu(self.rseq_area, cpu, cpu)) fail();
}

void abort_rseq_for_signal(Task& self, arch::UserRegs& regs) {
  if (self.rseq_area.value != 0 && !abort_section(self, regs)) fail();
}

}  // namespace k::task
