/// FakeUserMemory: user memory for unit tests.
///
/// Invariants  at most one is installed per thread; addresses are those of its own buffer, so tests pass real pointers.
///             `fault_at(n)` makes every access stop before byte n, as an unmapped page would.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"

namespace k::arch::host {

class FakeUserMemory {
 public:
  explicit FakeUserMemory(std::size_t bytes) : bytes_(bytes), previous_(installed_) { installed_ = this; }
  explicit FakeUserMemory(std::string_view text) : bytes_(text.begin(), text.end()), previous_(installed_) {
    installed_ = this;
  }
  ~FakeUserMemory() { installed_ = previous_; }
  FakeUserMemory(const FakeUserMemory&) = delete;
  FakeUserMemory& operator=(const FakeUserMemory&) = delete;

  static const FakeUserMemory* installed() { return installed_; }
  void fault_at(std::size_t offset) { limit_ = offset; }
  UserAddr base() const { return UserAddr{reinterpret_cast<std::uint64_t>(bytes_.data())}; }
  std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

  std::size_t reachable(std::uint64_t at, std::size_t n) const {
    const std::uint64_t start = base().value;
    const std::size_t end = bytes_.size() < limit_ ? bytes_.size() : limit_;
    if (at < start || at >= start + end) return 0;
    const std::size_t left = static_cast<std::size_t>(start + end - at);
    return n < left ? n : left;
  }

 private:
  std::vector<char> bytes_;
  std::size_t limit_ = std::numeric_limits<std::size_t>::max();
  FakeUserMemory* previous_;
  static inline thread_local FakeUserMemory* installed_ = nullptr;
};

}  // namespace k::arch::host
