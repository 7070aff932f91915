// FUTEX_CMP_REQUEUE_PI: from a condition variable to its mutex.
#include "kernel/sync/futex_pi.h"

namespace k::sync {
namespace {

using detail::MarkWaiters;

PiFutexWaiter* next_on(FutexBucket& bucket, FutexWaiter* w, const FutexKey& key) {
  while (w != nullptr && w->key != key) w = bucket.queue.next(*w);
  return static_cast<PiFutexWaiter*>(w);
}

/// Waiters that did not come for this are not the caller's to move.
bool may_move(const FutexWaiter& w, const FutexKey& to) {
  return w.kind == FutexWaiter::Kind::requeue_pi && static_cast<const PiFutexWaiter&>(w).target == to;
}

struct Buckets {
  FutexBucket &from, &to;
};

/// Moves up to `limit` waiters to wait for `futex`. Those already moved stay moved when one is refused.
Result<unsigned> move_all(const Buckets& b, const PiRequeueKeys& keys, PiFutex& futex, unsigned limit) {
  unsigned moved = 0;
  for (FutexWaiter* w = next_on(b.from, b.from.queue.front(), keys.from); w != nullptr && moved < limit;) {
    FutexWaiter* const next = b.from.queue.next(*w);
    if (!may_move(*w, keys.to)) return err(Errno::inval);
    TRY(detail::pi_wait_for(static_cast<PiFutexWaiter&>(*w), futex));
    ++futex.users;
    w->kind = FutexWaiter::Kind::pi;
    static_cast<PiFutexWaiter*>(w)->moved = true;
    detail::futex_move(b.from, b.to, *w, keys.to);
    ++moved;
    w = next_on(b.from, next, keys.from);
  }
  return moved;
}

}  // namespace

Result<unsigned> detail::pi_requeue_locked(const PiRequeueKeys& keys, PiWord& word, unsigned move,
                                           lib::Box<PiFutex>& spare) {
  const Buckets b{futex_bucket(keys.from), futex_bucket(keys.to)};
  PiFutexWaiter* const first = next_on(b.from, b.from.queue.front(), keys.from);
  if (first == nullptr) return 0u;
  if (!may_move(*first, keys.to)) return err(Errno::inval);
  const MarkWaiters mark = move > 0 ? MarkWaiters::yes : MarkWaiters::no;
  PiFutex* futex = TRY(pi_claim(b.to, keys.to, word, {*first->thread, first->tid}, spare, mark));
  unsigned woken = 0, limit = move + 1;
  if (futex == nullptr) {
    futex_release(b.from, *first);
    if (mark == MarkWaiters::no) return 1u;
    futex = spare.release();
    futex->users = 1;
    woken = 1, limit = move;
  }
  const auto moved = move_all(b, keys, *futex, limit);
  pi_drop(*futex);
  return TRY(moved) + woken;
}

}  // namespace k::sync
