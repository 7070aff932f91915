/// SpaceBinding: what the scheduler knows of an address space, and on which CPUs it is loaded.
///
/// Invariants  a CPU's bit is set before the space's translations can enter its TLB and cleared after they left. A CPU on
///             which a kernel thread runs keeps the last space loaded ("lazy"): it is not interrupted by a shootdown but
///             compares generations when a thread of the space runs there again.
/// Context     announce_change: after the page-table writes it announces, preemption off until the caller's own CPU and the
///             CPUs returned are flushed.
/// Source      docs/way-of-a-wake-up.md, "Switching address spaces".
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/types.h"
#include "kernel/sched/cpu_mask.h"

namespace k::sched {

/// Embedded in mm::AddressSpace.
struct SpaceBinding {
  PhysAddr root;                             // top-level table
  std::atomic<std::uint64_t> cpus{0};        // where it is loaded, lazily or not
  std::atomic<std::uint64_t> generation{1};  // counts changes that lazy CPUs must notice
  std::atomic<std::uint32_t> barriers{0};    // membarrier(2) commands that its threads registered for
};

/// Whether page-table pages themselves are about to be freed: then lazy CPUs must flush too, for the CPU may walk them at any time.
enum class TablesFreed : bool { no, yes };

/// What a shootdown must do: interrupt `cpus` (never this one); each calls note_flushed(binding, generation) after its flush.
struct Shootdown {
  CpuMask cpus;
  std::uint64_t generation;
};
Shootdown announce_change(SpaceBinding& binding, TablesFreed tables);
/// This CPU has flushed what `generation` announced.
void note_flushed(SpaceBinding& binding, std::uint64_t generation);

/// Makes the current thread run on `binding` from now on (exec; null: on the kernel's tables only).
void use_space(SpaceBinding* binding);
/// Makes every CPU forget `binding`, before its tables are freed. No thread uses it any more. Task context.
void evict_space(SpaceBinding& binding);

}  // namespace k::sched
