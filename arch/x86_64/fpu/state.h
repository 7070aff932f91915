/// FpuState: one user thread's extended state in memory, and whether registers are newer.
///
/// Invariants  registers hold `s` on CPU c when c's CpuBlock::fpu_owner is `s` and s.last_cpu is c; then they are at least as new as
///             memory. A switch-out makes memory current and the owner mark stays, so a thread that comes back to the same CPU
///             before anyone else used the FPU there loads nothing.
/// Context     preemption off, but for create and destroy.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/include/arch/context.h"

namespace k::arch {

/// The legacy part of a save area. Source: Intel SDM volume 1, table 10-2.
struct LegacyArea {
  std::uint16_t control, status;
  std::uint8_t tags, reserved;
  std::uint16_t opcode;
  std::uint64_t instruction, data;
  std::uint32_t mxcsr, mxcsr_mask;
  std::uint8_t st[128], xmm[256], unused[48], software[48];
};
static_assert(sizeof(LegacyArea) == 512);

struct XsaveHeader {
  std::uint64_t components, compaction, reserved[6];
};

class alignas(64) FpuState {
 public:
  static constexpr unsigned kNowhere = ~0u;

  bool in_registers() const;
  /// Makes memory current when registers hold the state; they stay as they are.
  void save();
  void load();
  /// Registers to the initial values, as this thread's newest state.
  void load_initial();
  void reset();
  void forget();
  void copy_from(const FpuState& other);

  std::byte* area() { return reinterpret_cast<std::byte*>(this + 1); }
  const std::byte* area() const { return reinterpret_cast<const std::byte*>(this + 1); }
  LegacyArea& legacy() { return *reinterpret_cast<LegacyArea*>(area()); }
  XsaveHeader& header() { return *reinterpret_cast<XsaveHeader*>(area() + sizeof(LegacyArea)); }

 private:
  void own_registers();
  unsigned last_cpu_ = kNowhere;
};

/// Makes the running thread's next return to user mode load its state: memory was changed.
void load_on_return();

}  // namespace k::arch
