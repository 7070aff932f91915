/// ResidentPages: how many pages a space shows, counted where they are changed: each CPU in a line of its own.
///
/// Invariants  only the sum over the lines means something; while pages change it may be off by those, and below zero.
/// Context     any.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "mm/phys/frame.h"

namespace k::mm {

class ResidentPages {
 public:
  void add(const Frame& frame, std::int64_t n) { frame.use == FrameUse::anonymous ? add_anonymous(n) : add_file(n); }
  void add_anonymous(std::int64_t n) { here().anonymous.fetch_add(n, std::memory_order_relaxed); }
  void add_file(std::int64_t n) { here().file.fetch_add(n, std::memory_order_relaxed); }

  std::uint64_t anonymous() const { return sum(&Line::anonymous); }
  std::uint64_t file() const { return sum(&Line::file); }

 private:
  /// More CPUs than this share lines: every address space has them.
  static constexpr unsigned kLines = 4;
  struct alignas(64) Line {
    std::atomic<std::int64_t> anonymous{0}, file{0};
  };

  Line& here() { return lines_[arch::cpu_id() % kLines]; }
  std::uint64_t sum(std::atomic<std::int64_t> Line::* member) const {
    std::int64_t pages = 0;
    for (const Line& l : lines_) pages += (l.*member).load(std::memory_order_relaxed);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(pages, 0));
  }

  std::array<Line, kLines> lines_;
};

}  // namespace k::mm
