// The slow paths of RwLockCore. While kWaiters is set, readers and writers come in only here, under lock_.
#include "kernel/sync/rw_lock.h"

#include "kernel/sync/spin/guarded.h"

namespace k::sync {

void RwLockCore::wait(Side side) {
  Waiter me{&sched::current(), side, {}};
  lock_.lock();
  waiters_.push_back(me);
  word_.fetch_or(kWaiters);
  sleep_until_granted(me);
}

/// `seen` 0: the door is shut by this writer, who found readers inside: it lets go of it and waits, as the first.
void RwLockCore::wait_to_write(std::uint32_t seen) {
  if (seen != 0) return wait(Side::write);
  Waiter me{&sched::current(), Side::write, {}};
  lock_.lock();
  waiters_.push_front(me);
  word_.store(kWaiters);
  sleep_until_granted(me);
}

/// With lock_ held, which it gives up.
void RwLockCore::sleep_until_granted(Waiter& me) {
  grant();
  while (!me.granted) {
    sched::prepare_to_sleep(sched::ThreadState::uninterruptible);
    lock_.unlock();
    sched::schedule();
    lock_.lock();
  }
  lock_.unlock();
}

/// Lets in, in order, whom the present holders allow.
void RwLockCore::grant() {
  for (Waiter* w = waiters_.front(); w != nullptr; w = waiters_.front()) {
    if (is_write_locked()) return;
    if (w->side == Side::read) {
      line().fetch_add(1);
    } else {
      if (has_readers()) return;
      word_.fetch_or(kWriter);
    }
    waiters_.erase(*w);
    w->granted = true;
    sched::wake(*w->thread);
  }
  word_.fetch_and(~kWaiters);
}

void RwLockCore::release(std::uint32_t held_bits) {
  LockHeld held{lock_};
  word_.fetch_and(~held_bits);
  grant();
}

void RwLockCore::downgrade() {
  line().fetch_add(1);
  if ((word_.fetch_and(~kWriter) & kWaiters) == 0) return;
  LockHeld held{lock_};
  grant();
}

}  // namespace k::sync
