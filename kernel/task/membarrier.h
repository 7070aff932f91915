/// Memory barriers on other CPUs, for the threads that share memory: membarrier(2).
///
/// Invariants  a CPU that runs a thread of a space has its bit in SpaceBinding::cpus; one that takes the space up later passes a full
///             fence (and a serialising CR3 write) on the way.
/// Context     task context.
/// Source      membarrier(2).
#pragma once

#include <cstdint>

#include "kernel/sched/space_binding.h"

namespace k::task {

class Task;

/// What the other CPUs do.
enum class BarrierKind : std::uint8_t {
  fence,
  serialize,         // their instruction streams too
  restart_sequences  // aborts rseq(2) critical sections
};

inline constexpr int kEveryCpu = -1;
/// On the CPUs that run threads of `self`'s memory, or on one of them.
void barrier_on_own_cpus(Task& self, BarrierKind kind, int cpu);
/// On all CPUs at once; slower but without interrupting anybody.
void barrier_by_grace_period();
void barrier_on_all_cpus();

}  // namespace k::task
