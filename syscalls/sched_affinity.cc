#include <algorithm>

#include "arch/include/arch/user_access.h"
#include "kernel/task/scheduling.h"
#include "syscalls/calls_sched.h"
#include "syscalls/sched_target.h"

namespace k::sys {

using sched::CpuMask;

Result<void> sched_yield(Task&) {
  sched::yield();
  return {};
}

Result<void> sched_setaffinity(Task& self, std::int32_t pid, std::uint32_t size, UserAddr mask) {
  std::uint64_t bits = 0;
  if (arch::copy_from_user(&bits, mask, std::min<std::size_t>(size, sizeof bits)) != 0) return err(Errno::fault);
  if (pid < 0) return err(Errno::srch);
  return with_thread(self, pid, [&](Task& target) { return task::change_affinity(self, target, CpuMask{bits}); });
}

Result<std::size_t> sched_getaffinity(Task& self, std::int32_t pid, std::uint32_t size, UserAddr mask) {
  const bool holds_all = std::uint64_t{size} * 8 >= arch::cpu_count();
  if (!holds_all || size % sizeof(std::uint64_t) != 0) return err(Errno::inval);
  if (pid < 0) return err(Errno::srch);
  const CpuMask allowed =
      TRY(with_thread(self, pid, [](Task& target) -> Result<CpuMask> { return target.affinity(); }));
  TRY(UserOut<std::uint64_t>{mask}.write((allowed & CpuMask::online()).bits()));
  return sizeof(std::uint64_t);
}

Result<void> getcpu(Task&, UserOut<std::uint32_t> cpu, UserOut<std::uint32_t> node, UserAddr) {
  if (!cpu.is_null()) TRY(cpu.write(arch::cpu_id()));
  if (!node.is_null()) TRY(node.write(0));
  return {};
}

}  // namespace k::sys
