/// Guarded<T, Rank>: data inside its lock, the lock's kind chosen by the rank.
///
/// Invariants  as kernel/sync/spin/guarded.h; this form covers sleeping ranks too.
#pragma once

#include "kernel/sync/mutex.h"
#include "kernel/sync/rw_lock.h"
#include "kernel/sync/spin/guarded.h"

namespace k::sync {

namespace detail {
template <Rank R, LockKind K = kind_of(R)>
struct LockForRank {
  using type = Mutex<R>;
};
template <Rank R>
struct LockForRank<R, LockKind::spin> {
  using type = Spin<R>;
};
template <Rank R>
struct LockForRank<R, LockKind::spin_irq> {
  using type = SpinIrq<R>;
};
}  // namespace detail

template <Rank R>
using LockFor = typename detail::LockForRank<R>::type;

template <class T, Rank R>
using Guarded = BasicGuarded<T, LockFor<R>>;

/// Data inside a reader-writer lock: `Locked` writes, `LockedShared` reads and sees a const value.
template <class T, Rank R>
using RwGuarded = BasicGuarded<T, RwLock<R>>;

template <class G>
class HT_SCOPED_CAPABILITY LockedShared {
 public:
  explicit LockedShared(G& guarded) HT_ACQUIRE_SHARED(guarded.lock()) : guarded_(guarded) {
    guarded.lock().lock_shared();
  }
  ~LockedShared() HT_RELEASE() { guarded_.lock().unlock_shared(); }
  LockedShared(const LockedShared&) = delete;
  LockedShared& operator=(const LockedShared&) = delete;

  const auto* operator->() const { return &guarded_.unguarded(); }
  const auto& operator*() const { return guarded_.unguarded(); }

 private:
  G& guarded_;
};
template <class G>
LockedShared(G&) -> LockedShared<G>;

}  // namespace k::sync

namespace k {
using sync::Guarded;
using sync::Locked;
using sync::LockedShared;
}  // namespace k
