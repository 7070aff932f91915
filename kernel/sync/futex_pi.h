/// Priority-inheritance futexes: the word holds the owner's thread number, and the owner inherits from the waiters.
///
/// Invariants  a word without waiters is user space's alone. With waiters, FUTEX_WAITERS is set in it and a PiFutex exists: found
///             through any waiter queued on the key, owned by the thread that the word names. An unlocker hands the word and the
///             PiFutex to the first waiter; an owner that dies hands over the PiFutex only ("inherited"), and the new owner puts
///             its number and FUTEX_OWNER_DIED into the word before it returns.
/// Lock order  the bucket, then g_pi_graph.
/// Context     task context.
/// Errors      fault: the word's page must be made writable, then again. busy: the owner is on its way out: wait_for_leaver(),
///             then again. deadlk, srch (the word names nobody), inval (word and waiters disagree), perm, again, nomem.
/// Source      futex(2); Linux's Documentation/locking/pi-futex.rst and futex-requeue-pi.rst.
#pragma once

#include "kernel/lib/alloc.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/pi.h"

namespace k::sync {

/// The word as the calling thread reaches it, and what the numbers in it mean.
class PiWord {
 public:
  /// Neither faults: nothing when the page is not there or not writable.
  virtual std::optional<std::uint32_t> load() = 0;
  /// Replaces `expected`; gives the value found.
  virtual std::optional<std::uint32_t> exchange(std::uint32_t expected, std::uint32_t desired) = 0;
  /// May sleep. FAULT when there is no such page.
  virtual Result<void> fault_in() = 0;
  /// Under RCU; null when no thread has the number.
  virtual sched::Thread* owner(std::uint32_t tid) = 0;

 protected:
  ~PiWord() = default;
};

/// The calling thread and its number.
struct PiSelf {
  sched::Thread& thread;
  std::uint32_t tid;
};

enum class PiAttempt : bool { wait, try_once };
/// FUTEX_LOCK_PI and FUTEX_TRYLOCK_PI (again: somebody owns it). interrupted, timedout when waiting.
Result<void> futex_pi_lock(PiSelf self, const FutexKey& key, PiWord& word, const FutexTimeout& timeout,
                           PiAttempt attempt);
/// FUTEX_UNLOCK_PI. perm: not the owner.
Result<void> futex_pi_unlock(PiSelf self, const FutexKey& key, PiWord& word);

/// FUTEX_WAIT_REQUEUE_PI: waits on `from` until moved to `to` and made its owner. A signal is `interrupted` before the move and
/// `again` after it.
struct PiRequeueKeys {
  FutexKey from, to;
};
template <class Load>
Result<void> futex_wait_requeue_pi(PiSelf self, const PiRequeueKeys& keys, PiWord& to, std::uint32_t expected,
                                   std::uint32_t bitset, const FutexTimeout& timeout, Load load);
/// FUTEX_CMP_REQUEUE_PI: makes the first waiter on `from` the owner of `to` if that is free, and moves up to `move` others (and
/// the first, if not). `check` as for futex_requeue. How many were woken or moved.
template <class Check>
Result<unsigned> futex_cmp_requeue_pi(const PiRequeueKeys& keys, PiWord& to, unsigned move, Check check);

/// A thread leaves, or starts another program: from start on nobody finds it as an owner for good (busy). Its robust list is
/// walked in between; finish hands over what it still owns.
void futex_pi_start_leaving(sched::Thread& self);
void futex_pi_finish_leaving(sched::Thread& self, sched::PiStage then);
/// After `busy`: until the owner that the word names has left. interrupted by a fatal signal.
Result<void> wait_for_leaver(PiWord& word);

// -- Within the folder
/// The kernel's half of a word with waiters.
struct PiFutex : sched::PiLock {
  std::uint32_t users = 0;      // queued waiters, and calls at work on it; under the bucket's lock
  std::uint32_t owner_tid = 0;  // under g_pi_graph
  bool inherited = false;       // the owner has yet to put itself into the word; under g_pi_graph
};

struct PiFutexWaiter : FutexWaiter {
  PiFutexWaiter(const FutexKey& k, std::uint32_t bits, Kind what, PiSelf self)
      : FutexWaiter(k, bits, self.thread, what), pi(self.thread, *this), tid(self.tid) {}
  struct Place : PiWaiter {
    Place(sched::Thread& t, PiFutexWaiter& waiter) : PiWaiter(t), of(waiter) {}
    PiFutexWaiter& of;
  } pi;
  std::uint32_t tid;
  FutexKey target;           // requeue_pi: where it agreed to be moved
  bool moved = false;        // and was
  PiFutex* futex = nullptr;  // kind pi: what it waits for; under the bucket's lock
  std::atomic<bool> inherited{false};
};

namespace detail {
FutexWaiter* first_on(FutexBucket& bucket, const FutexKey& key);
/// Under the bucket's lock: makes `who` the owner of a free word (null), or gives the PiFutex to wait for, with a user more.
enum class MarkWaiters : bool { no, yes };
Result<PiFutex*> pi_claim(FutexBucket& bucket, const FutexKey& key, PiWord& word, PiSelf who, lib::Box<PiFutex>& spare,
                          MarkWaiters mark);
/// Queues on the futex within the graph: deadlk, or busy when its owner has just left.
Result<void> pi_wait_for(PiFutexWaiter& waiter, PiFutex& futex);
void pi_drop(PiFutex& futex);
/// The owner is gone: `futex` is the first waiter's, who has yet to put itself into the word. Without waiters, nobody's.
/// Under g_pi_graph.
void pi_inherit(PiFutex& futex);
/// Sleeps until the waiter owns its futex.
Result<void> pi_sleep(PiFutexWaiter& waiter, PiWord& word, const FutexTimeout& timeout);
/// Under both buckets' locks.
Result<unsigned> pi_requeue_locked(const PiRequeueKeys& keys, PiWord& to, unsigned move, lib::Box<PiFutex>& spare);
}  // namespace detail

template <class Load>
Result<void> futex_wait_requeue_pi(PiSelf self, const PiRequeueKeys& keys, PiWord& to, std::uint32_t expected,
                                   std::uint32_t bitset, const FutexTimeout& timeout, Load load) {
  if (keys.from == keys.to) return err(Errno::inval);
  PiFutexWaiter me{keys.from, bitset, FutexWaiter::Kind::requeue_pi, self};
  me.target = keys.to;
  TRY(futex_queue(me, expected, load));
  return detail::pi_sleep(me, to, timeout);
}

template <class Check>
Result<unsigned> futex_cmp_requeue_pi(const PiRequeueKeys& keys, PiWord& to, unsigned move, Check check) {
  if (keys.from == keys.to) return err(Errno::inval);
  lib::Box<PiFutex> spare = TRY(lib::make<PiFutex>());
  FutexBucket &from = futex_bucket(keys.from), &target = futex_bucket(keys.to);
  detail::futex_lock_both(from, target);
  const std::optional<bool> go = check();
  auto done =
      go.value_or(false) ? detail::pi_requeue_locked(keys, to, move, spare) : err(go ? Errno::again : Errno::fault);
  detail::futex_unlock_both(from, target);
  return done;
}

}  // namespace k::sync
