/// Guarded<T>: data that lives inside its lock, reached only through `Locked g{guarded};`.
///
/// Invariants  no reference to the value outlives the Locked scope. SpinGuarded picks Spin or SpinIrq by rank; the form that
///             also covers sleeping ranks is kernel/sync/guarded.h.
#pragma once

#include <type_traits>
#include <utility>

#include "kernel/sync/spin/spin.h"

namespace k::sync {

template <class T, class Lock>
class BasicGuarded {
 public:
  using Value = T;
  using LockType = Lock;
  template <class... Args>
  constexpr explicit BasicGuarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  BasicGuarded(const BasicGuarded&) = delete;
  BasicGuarded& operator=(const BasicGuarded&) = delete;

  Lock& lock() const HT_RETURN_CAPABILITY(lock_) { return lock_; }
  /// For construction, destruction and code whose comment proves exclusion another way.
  T& unguarded() HT_NO_ANALYSIS { return value_; }
  const T& unguarded() const HT_NO_ANALYSIS { return value_; }

 private:
  mutable Lock lock_;
  T value_ HT_GUARDED_BY(lock_);
};

template <class G>
class HT_SCOPED_CAPABILITY Locked {
 public:
  explicit Locked(G& guarded) HT_ACQUIRE(guarded.lock()) : guarded_(guarded) { guarded.lock().lock(); }
  ~Locked() HT_RELEASE() { guarded_.lock().unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  auto* operator->() const { return &guarded_.unguarded(); }
  auto& operator*() const { return guarded_.unguarded(); }

 private:
  G& guarded_;
};
template <class G>
Locked(G&) -> Locked<G>;

/// A plain lock held for a scope.
template <class L>
class HT_SCOPED_CAPABILITY LockHeld {
 public:
  explicit LockHeld(L& lock) HT_ACQUIRE(lock) : lock_(lock) { lock.lock(); }
  ~LockHeld() HT_RELEASE() { lock_.unlock(); }
  LockHeld(const LockHeld&) = delete;
  LockHeld& operator=(const LockHeld&) = delete;

 private:
  L& lock_;
};
template <class L>
LockHeld(L&) -> LockHeld<L>;

template <Rank R>
using SpinFor = std::conditional_t<kind_of(R) == LockKind::spin_irq, SpinIrq<R>,
                                   Spin<kind_of(R) == LockKind::spin ? R : Rank::dentry>>;

template <class T, Rank R>
using SpinGuarded = BasicGuarded<T, SpinFor<R>>;

}  // namespace k::sync
