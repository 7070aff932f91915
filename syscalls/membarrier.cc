#include "kernel/task/membarrier.h"

#include <linux/membarrier.h>

#include "kernel/task/task.h"
#include "syscalls/calls_threads.h"

namespace k::sys {
namespace {

using enum uapi::membarrier_cmd;
using enum uapi::membarrier_cmd_flag;

constexpr int kCommands = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                          MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE | MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ |
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ;

/// Registrations are kept as the command bits that made them.
Result<int> register_for(Task& self, int command) {
  self.address_space().binding().barriers.fetch_or(static_cast<std::uint32_t>(command));
  return 0;
}

Result<int> private_barrier(Task& self, int registration, task::BarrierKind kind, int cpu) {
  const std::uint32_t registered = self.address_space().binding().barriers.load();
  if ((registered & static_cast<std::uint32_t>(registration)) == 0) return err(Errno::perm);
  task::barrier_on_own_cpus(self, kind, cpu);
  return 0;
}

}  // namespace

Result<int> membarrier(Task& self, int command, std::uint32_t flags, int cpu) {
  using task::BarrierKind;
  const bool takes_cpu = command == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
  if (flags != 0 && !(takes_cpu && flags == MEMBARRIER_CMD_FLAG_CPU)) return err(Errno::inval);
  if (flags == 0 || cpu < 0) cpu = task::kEveryCpu;
  switch (command) {
    case MEMBARRIER_CMD_QUERY:
      return kCommands;
    case MEMBARRIER_CMD_GLOBAL:
      task::barrier_by_grace_period();
      return 0;
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
      task::barrier_on_all_cpus();
      return 0;
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
      return register_for(self, command);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
      return private_barrier(self, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, BarrierKind::fence, cpu);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
      return private_barrier(self, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, BarrierKind::serialize, cpu);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
      return private_barrier(self, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, BarrierKind::restart_sequences, cpu);
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
