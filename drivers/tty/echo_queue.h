/// Echo that the device could not take yet.
///
/// Invariants  in order, ahead of whatever is written after it; what exceeds the capacity is lost.
/// Context     the owner's lock (drivers/tty/tty.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace k::drivers {

class EchoQueue {
 public:
  static constexpr std::size_t kCapacity = 2048;

  bool empty() const { return head_ == tail_; }
  void push(std::span<const char> bytes) {
    for (const char c : bytes) {
      if (head_ - tail_ < kCapacity) bytes_[head_++ % kCapacity] = c;
    }
  }
  /// Contiguous bytes at the front.
  std::span<const char> front() const {
    const std::size_t at = tail_ % kCapacity;
    return {&bytes_[at], std::min<std::size_t>(head_ - tail_, kCapacity - at)};
  }
  void drop_front(std::size_t n) { tail_ += static_cast<std::uint32_t>(n); }
  void clear() { tail_ = head_; }

 private:
  std::uint32_t head_ = 0, tail_ = 0;
  std::array<char, kCapacity> bytes_;
};

}  // namespace k::drivers
