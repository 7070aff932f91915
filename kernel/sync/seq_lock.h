/// SeqCount and SeqLocked<T>: readers that never write, and retry when a writer came between.
///
/// Invariants  the count is odd while a write is in progress. Writers exclude each other by a lock of their own (SeqCount)
///             or by the one inside (SeqLocked). A writer is not preempted between begin and end.
/// Context     readers: any (not in an interrupt that may have hit a writer on the same CPU).
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "arch/include/arch/cpu.h"
#include "kernel/sync/spin/guarded.h"

namespace k::sync {

class SeqCount {
 public:
  constexpr SeqCount() = default;
  std::uint32_t read_begin() const {
    std::uint32_t seen;
    while (((seen = count_.load(std::memory_order_acquire)) & 1) != 0) arch::pause();
    return seen;
  }
  /// For look-ups that fall back to a lock: an odd value makes read_retry true at the end.
  std::uint32_t read_peek() const { return count_.load(std::memory_order_acquire) & ~1u; }
  bool read_retry(std::uint32_t seen) const {
    std::atomic_thread_fence(std::memory_order_acquire);
    return count_.load(std::memory_order_relaxed) != seen;
  }
  void write_begin() {
    preempt_disable();
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
  }
  void write_end() {
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    preempt_enable();
  }

 private:
  std::atomic<std::uint32_t> count_{0};
};

/// A small value that many read and few write, as words so that a torn read is only ever discarded.
template <class T, Rank R>
class SeqLocked {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0 && kind_of(R) != LockKind::mutex);

 public:
  T read() const {
    std::uint64_t copy[kWords];
    std::uint32_t seen;
    do {
      seen = count_.read_begin();
      for (std::size_t i = 0; i < kWords; ++i) copy[i] = words_[i].load(std::memory_order_relaxed);
    } while (count_.read_retry(seen));
    T value;
    std::memcpy(&value, copy, sizeof value);
    return value;
  }
  void write(const T& value) {
    LockHeld held{lock_};
    std::uint64_t copy[kWords];
    std::memcpy(copy, &value, sizeof value);
    count_.write_begin();
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(copy[i], std::memory_order_relaxed);
    count_.write_end();
  }

 private:
  static constexpr std::size_t kWords = sizeof(T) / 8;
  SpinIrq<R> lock_;
  SeqCount count_;
  std::atomic<std::uint64_t> words_[kWords] = {};
};

}  // namespace k::sync
