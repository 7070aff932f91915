/// A set of CPUs, one bit each.
#pragma once

#include <bit>
#include <cstdint>

#include "arch/include/arch/percpu.h"

namespace k::sched {

class CpuMask {
 public:
  constexpr CpuMask() = default;
  constexpr explicit CpuMask(std::uint64_t bits) : bits_(bits) {}
  static constexpr CpuMask all() { return CpuMask{~std::uint64_t{0}}; }
  static constexpr CpuMask of(unsigned cpu) { return CpuMask{std::uint64_t{1} << cpu}; }
  /// CPUs 0 .. count-1.
  static constexpr CpuMask first(unsigned count) {
    return count >= arch::kMaxCpus ? all() : CpuMask{(std::uint64_t{1} << count) - 1};
  }
  static CpuMask online() { return first(arch::cpu_count()); }

  constexpr bool has(unsigned cpu) const { return (bits_ >> cpu & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr unsigned count() const { return static_cast<unsigned>(std::popcount(bits_)); }
  /// The lowest member; the set is not empty.
  constexpr unsigned lowest() const { return static_cast<unsigned>(std::countr_zero(bits_)); }
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr CpuMask operator&(CpuMask o) const { return CpuMask{bits_ & o.bits_}; }
  constexpr CpuMask operator|(CpuMask o) const { return CpuMask{bits_ | o.bits_}; }
  constexpr CpuMask without(CpuMask o) const { return CpuMask{bits_ & ~o.bits_}; }
  constexpr bool operator==(const CpuMask&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace k::sched
