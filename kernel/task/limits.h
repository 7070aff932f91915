/// Resource limits of a process.
///
/// Invariants  soft <= hard. Readers take one relaxed load; writers hold Process::signals.
/// Source      getrlimit(2), <asm-generic/resource.h>.
#pragma once

#include <linux/resource.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace k::task {

struct Limit {
  std::uint64_t soft = RLIM64_INFINITY, hard = RLIM64_INFINITY;
  bool operator==(const Limit&) const = default;
};

class Limits {
 public:
  Limits();
  Limits(const Limits& other) { *this = other; }
  Limits& operator=(const Limits& other);

  std::uint64_t soft(unsigned resource) const { return values_[resource].soft.load(std::memory_order_relaxed); }
  Limit get(unsigned resource) const {
    return {soft(resource), values_[resource].hard.load(std::memory_order_relaxed)};
  }
  void set(unsigned resource, Limit limit) {
    values_[resource].soft.store(limit.soft, std::memory_order_relaxed);
    values_[resource].hard.store(limit.hard, std::memory_order_relaxed);
  }
  /// Limits that depend on the machine: RLIMIT_NPROC and RLIMIT_SIGPENDING follow the memory, as on Linux.
  void scale_to_memory(std::size_t frames);

 private:
  struct Value {
    std::atomic<std::uint64_t> soft, hard;
  };
  std::array<Value, RLIM_NLIMITS> values_;
};

}  // namespace k::task
