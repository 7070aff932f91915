/// Relaxed<T>: a variable that has its lock or owner, and that others read without, prepared for an old value or a new one.
///
/// Invariants  a read orders nothing: what the value says has to be checked again under the lock.
/// Context     any. Pure.
#pragma once

#include <atomic>
#include <type_traits>

namespace k::lib {

template <class T>
class Relaxed {
 public:
  constexpr Relaxed() : value_{} {}
  constexpr Relaxed(T value) : value_(value) {}
  Relaxed(const Relaxed&) = delete;
  Relaxed& operator=(const Relaxed&) = delete;
  T operator=(T value) {
    value_.store(value, std::memory_order_relaxed);
    return value;
  }
  operator T() const { return load(); }
  T operator->() const
    requires std::is_pointer_v<T>
  {
    return load();
  }
  T load() const { return value_.load(std::memory_order_relaxed); }
  /// For the one who may write: a load and a store, not a locked instruction.
  void add(T n) { value_.store(static_cast<T>(load() + n), std::memory_order_relaxed); }

 private:
  std::atomic<T> value_;
};

}  // namespace k::lib
