#include "kernel/sync/futex_pi.h"

#include <linux/futex.h>

#include <utility>

namespace k::sync {
namespace {

std::uint32_t tid_in(std::uint32_t word) { return word & FUTEX_TID_MASK; }
bool owner_died(std::uint32_t word) { return (word & FUTEX_OWNER_DIED) != 0; }

/// Joins the waiters that are there, if what the word says agrees with them.
Result<PiFutex*> join(FutexWaiter& first, std::uint32_t word) {
  if (first.kind != FutexWaiter::Kind::pi) return err(Errno::inval);
  PiFutex& futex = *static_cast<PiFutexWaiter&>(first).futex;
  {
    LockHeld graph{g_pi_graph};
    if (futex.owner == nullptr) return err(Errno::busy);
    const bool given_up = owner_died(word) && tid_in(word) == 0;
    if (!futex.inherited && !given_up && tid_in(word) != futex.owner_tid) return err(Errno::inval);
  }
  ++futex.users;
  return &futex;
}

/// The first waiter finds the owner. busy: it is about to leave.
Result<void> attach(PiFutex& futex, sched::Thread& owner, std::uint32_t tid) {
  LockHeld graph{g_pi_graph};
  futex.owner_tid = tid;
  pi_set_owner(futex, &owner);  // a full fence: either this sees the owner leave, or it sees this (futex_pi_exit.cc)
  if (owner.pi.stage.load(std::memory_order_seq_cst) == sched::PiStage::alive) return {};
  pi_set_owner(futex, nullptr);
  return err(Errno::busy);
}

PiFutex* adopt(lib::Box<PiFutex>& spare) {
  PiFutex* const futex = spare.release();
  futex->users = 1;
  return futex;
}

/// The word names an owner and nobody waits yet. again: the word changed.
Result<PiFutex*> become_first(PiWord& word, std::uint32_t seen, lib::Box<PiFutex>& spare) {
  const std::uint32_t marked = seen | FUTEX_WAITERS;
  const auto found = word.exchange(seen, marked);
  if (!found) return err(Errno::fault);
  if (*found != seen) return err(Errno::again);
  sched::Thread* const owner = word.owner(tid_in(seen));
  if (owner == nullptr || owner->pi.stage.load(std::memory_order_acquire) == sched::PiStage::gone) {
    const auto now = word.load();
    if (!now) return err(Errno::fault);
    return err(*now == marked ? Errno::srch : Errno::again);
  }
  TRY(attach(*spare, *owner, tid_in(seen)));
  return adopt(spare);
}

/// Nobody owns the word. again: it changed.
Result<PiFutex*> take_free(PiWord& word, std::uint32_t seen, PiSelf who, lib::Box<PiFutex>& spare,
                           detail::MarkWaiters mark) {
  const bool marks = mark == detail::MarkWaiters::yes;
  const auto found = word.exchange(seen, (seen & FUTEX_OWNER_DIED) | who.tid | (marks ? FUTEX_WAITERS : 0));
  if (!found) return err(Errno::fault);
  if (*found != seen) return err(Errno::again);
  if (!marks) return nullptr;
  TRY(attach(*spare, who.thread, who.tid));
  return nullptr;
}

}  // namespace

FutexWaiter* detail::first_on(FutexBucket& bucket, const FutexKey& key) {
  FutexWaiter* w = bucket.queue.front();
  while (w != nullptr && w->key != key) w = bucket.queue.next(*w);
  return w;
}

Result<PiFutex*> detail::pi_claim(FutexBucket& bucket, const FutexKey& key, PiWord& word, PiSelf who,
                                  lib::Box<PiFutex>& spare, MarkWaiters mark) {
  for (;;) {
    const auto seen = word.load();
    if (!seen) return err(Errno::fault);
    if (tid_in(*seen) == who.tid) return err(Errno::deadlk);
    if (FutexWaiter* const first = first_on(bucket, key)) return join(*first, *seen);
    auto claimed = tid_in(*seen) == 0 ? take_free(word, *seen, who, spare, mark) : become_first(word, *seen, spare);
    if (claimed || claimed.error() != Errno::again) return claimed;
  }
}

Result<void> detail::pi_wait_for(PiFutexWaiter& waiter, PiFutex& futex) {
  LockHeld graph{g_pi_graph};
  if (futex.owner == nullptr) return err(Errno::busy);
  if (pi_would_deadlock(*waiter.thread, futex)) return err(Errno::deadlk);
  pi_block(waiter.pi, futex);
  waiter.futex = &futex;
  return {};
}

void detail::pi_drop(PiFutex& futex) {
  if (--futex.users != 0) return;
  {
    LockHeld graph{g_pi_graph};
    if (futex.owner != nullptr) pi_set_owner(futex, nullptr);
  }
  delete &futex;
}

Result<void> futex_pi_lock(PiSelf self, const FutexKey& key, PiWord& word, const FutexTimeout& timeout,
                           PiAttempt attempt) {
  PiFutexWaiter me{key, kFutexAnyBit, FutexWaiter::Kind::pi, self};
  lib::Box<PiFutex> spare = TRY(lib::make<PiFutex>());
  FutexBucket& bucket = futex_bucket(key);
  {
    LockHeld held{bucket.lock};
    PiFutex* const futex = TRY(detail::pi_claim(bucket, key, word, self, spare, detail::MarkWaiters::no));
    if (futex == nullptr) return {};
    auto queued = attempt == PiAttempt::wait ? detail::pi_wait_for(me, *futex) : err(Errno::again);
    if (!queued) {
      detail::pi_drop(*futex);
      return queued;
    }
    bucket.waiters.fetch_add(1, std::memory_order_relaxed);
    bucket.queue.push_back(me);
    me.bucket.store(&bucket, std::memory_order_relaxed);
  }
  return detail::pi_sleep(me, word, timeout);
}

namespace {

/// Hands a futex with waiters to the first. again: the word changed under the owner's number.
Result<void> hand_over(FutexBucket& bucket, PiFutex& futex, PiSelf self, PiWord& word, std::uint32_t seen) {
  PiFutexWaiter* next = nullptr;
  {
    LockHeld graph{g_pi_graph};
    if (futex.owner != &self.thread) return err(Errno::inval);
    if (futex.waiters.empty()) return err(Errno::inval);
    next = &static_cast<PiFutexWaiter::Place*>(futex.waiters.front())->of;
    const auto found = word.exchange(seen, next->tid | FUTEX_WAITERS);
    if (!found) return err(Errno::fault);
    if (*found != seen) return err(tid_in(*found) == self.tid ? Errno::again : Errno::inval);
    pi_unblock(next->pi);
    futex.owner_tid = next->tid;
    pi_set_owner(futex, next->thread);
  }
  detail::pi_drop(futex);
  detail::futex_release(bucket, *next);
  return {};
}

/// again: the word changed.
Result<void> give_back(PiWord& word, std::uint32_t seen) {
  const auto found = word.exchange(seen, 0);
  if (!found) return err(Errno::fault);
  if (*found != seen) return err(Errno::again);
  return {};
}

}  // namespace

Result<void> futex_pi_unlock(PiSelf self, const FutexKey& key, PiWord& word) {
  FutexBucket& bucket = futex_bucket(key);
  LockHeld held{bucket.lock};
  for (;;) {
    const auto seen = word.load();
    if (!seen) return err(Errno::fault);
    if (tid_in(*seen) != self.tid) return err(Errno::perm);
    FutexWaiter* const first = detail::first_on(bucket, key);
    if (first != nullptr && first->kind != FutexWaiter::Kind::pi) return err(Errno::inval);
    auto done = first == nullptr ? give_back(word, *seen)
                                 : hand_over(bucket, *static_cast<PiFutexWaiter*>(first)->futex, self, word, *seen);
    if (done || done.error() != Errno::again) return done;
  }
}

}  // namespace k::sync
