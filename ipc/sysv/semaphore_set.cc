#include "ipc/sysv/semaphore_set.h"

#include <algorithm>

#include "ipc/sysv/undo_list.h"

namespace k::ipc::sysv {
namespace {

constexpr int kMaxAdjustment = SEMAEM;

bool alters(SemaphoreOperations operations) {
  return std::ranges::any_of(operations, [](const uapi::sembuf& o) { return o.sem_op != 0; });
}
bool undoes(SemaphoreOperations operations) {
  return std::ranges::any_of(operations, [](const uapi::sembuf& o) { return (o.sem_flg & SEM_UNDO) != 0; });
}
bool waits_for(const uapi::sembuf& o, unsigned index, SemaphoreSet::Waiting what) {
  if (o.sem_num != index) return false;
  return what == SemaphoreSet::Waiting::for_zero ? o.sem_op == 0 : o.sem_op < 0;
}

}  // namespace

SemaphoreSet::~SemaphoreSet() { lib::deallocate(semaphores_); }

/// A removed set counts no longer, whoever still refers to it; nor does one that was never published.
void SemaphoreSet::uncount() {
  if (counted_.exchange(false)) owner_.semaphores.fetch_sub(static_cast<int>(count_));
}

Result<void> SemaphoreSet::init(unsigned count) {
  sync::LockHeld held{lock};
  semaphores_ = static_cast<One*>(lib::allocate(count * sizeof(One), alignof(One)));
  if (semaphores_ == nullptr) return err(Errno::nomem);
  std::uninitialized_fill_n(semaphores_, count, One{});
  count_ = count;
  changed_ = now_seconds();
  return {};
}

Result<int> SemaphoreSet::get(Namespace& in, Key key, int count, lib::Flags flags, const Caller& caller) {
  const SemaphoreLimits& limits = in.semaphore_limits;
  if (count < 0 || count > limits.per_set.load()) return err(Errno::inval);
  const auto make = [&]() -> Result<Ref<SemaphoreSet>> {
    if (count == 0) return err(Errno::inval);
    if (in.semaphores.load() + count > limits.in_all.load()) return err(Errno::nospc);
    auto set = TRY(make_ref<SemaphoreSet>(in, Permissions::of_creator(caller.who, key, flags.bits())));
    TRY(set->init(static_cast<unsigned>(count)));
    set->counted_.store(true);
    in.semaphores.fetch_add(count);
    return set;
  };
  const auto fits = [&](const SemaphoreSet& set) -> Result<void> {
    if (static_cast<unsigned>(count) > set.count()) return err(Errno::inval);
    return {};
  };
  return in.semaphore_sets.get(key, flags, caller.who, static_cast<unsigned>(limits.sets.load()), make, fits);
}

Result<void> SemaphoreSet::check(const Caller& caller, unsigned wanted) {
  TRY(may_access(permissions, caller.who, wanted));
  if (removed) return err(Errno::idrm);
  return {};
}

/// Tries the operations in order on the values themselves, and takes them back if one cannot go on.
Result<const uapi::sembuf*> SemaphoreSet::attempt(SemaphoreOperations operations, Undo* undo, std::int32_t process) {
  std::size_t done = 0;
  const uapi::sembuf* blocking = nullptr;
  bool out_of_range = false;
  for (; done < operations.size(); ++done) {
    const uapi::sembuf& o = operations[done];
    int& value = semaphores_[o.sem_num].value;
    if ((o.sem_op == 0 && value != 0) || value + o.sem_op < 0) {
      blocking = &o;
      break;
    }
    out_of_range = value + o.sem_op > SEMVMX;
    if (!out_of_range && (o.sem_flg & SEM_UNDO) != 0) {
      const int adjustment = undo->adjustments[o.sem_num] - o.sem_op;
      out_of_range = adjustment < -kMaxAdjustment - 1 || adjustment > kMaxAdjustment;
      if (!out_of_range) undo->adjustments[o.sem_num] = static_cast<std::int16_t>(adjustment);
    }
    if (out_of_range) break;
    value += o.sem_op;
  }
  if (done == operations.size()) {
    for (const uapi::sembuf& o : operations) semaphores_[o.sem_num].process = process;
    return nullptr;
  }
  while (done-- > 0) {
    const uapi::sembuf& o = operations[done];
    semaphores_[o.sem_num].value -= o.sem_op;
    if ((o.sem_flg & SEM_UNDO) != 0)
      undo->adjustments[o.sem_num] = static_cast<std::int16_t>(undo->adjustments[o.sem_num] + o.sem_op);
  }
  if (out_of_range) return err(Errno::range);
  if ((blocking->sem_flg & IPC_NOWAIT) != 0) return err(Errno::again);
  return blocking;
}

void SemaphoreSet::wake_with(Waiter& waiter, Result<void> outcome) {
  waiters_.erase(waiter);
  waiter.outcome = outcome;
  waiter.done.store(true, std::memory_order_release);
  waiter.woken.wake_one();
}

/// A value changed: does for the waiters what is possible now. One that alters values may have enabled an earlier one.
void SemaphoreSet::serve_waiters() {
  for (Waiter* w = waiters_.front(); w != nullptr;) {
    Waiter* const next = waiters_.next(*w);
    const auto tried = attempt(w->operations, w->undo, w->process);
    if (tried && *tried != nullptr) {
      w->blocking = *tried;
      w = next;
      continue;
    }
    const bool altered = tried && alters(w->operations);
    if (tried) operated_ = now_seconds();
    wake_with(*w, tried ? Result<void>{} : Result<void>{err(tried.error())});
    w = altered ? waiters_.front() : next;
  }
}

Result<void> SemaphoreSet::operate(SemaphoreOperations operations, const Caller& caller, UndoList* undos,
                                   Deadline deadline) {
  Undo* const undo = undoes(operations) ? TRY(undos->for_set(*this)) : nullptr;
  if (std::ranges::any_of(operations, [&](const uapi::sembuf& o) { return o.sem_num >= count_; }))
    return err(Errno::fbig);
  Waiter self{
      .operations = operations, .undo = undo, .process = caller.process, .outcome = {}, .node = {}, .woken = {}};
  {
    sync::LockHeld held{lock};
    const bool altering = alters(operations);
    TRY(check(caller, altering ? kMayWrite : kMayRead));
    self.blocking = TRY(attempt(operations, undo, caller.process));
    if (self.blocking == nullptr) {
      operated_ = now_seconds();
      if (altering && !waiters_.empty()) serve_waiters();
      return {};
    }
    waiters_.push_back(self);
  }
  return wait(self, deadline);
}

/// The waker uses the record under the lock only, so having had the lock makes it ours again.
Result<void> SemaphoreSet::wait(Waiter& self, Deadline deadline) {
  const auto waited = self.woken.wait_until([&] { return self.done.load(std::memory_order_acquire); }, deadline);
  sync::LockHeld held{lock};
  if (self.done.load(std::memory_order_relaxed)) return self.outcome;
  waiters_.erase(self);
  return err(waited.error() == Errno::timedout ? Errno::again : waited.error());
}

Result<SemaphoreSet::One> SemaphoreSet::look(unsigned index, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(check(caller, kMayRead));
  if (index >= count_) return err(Errno::inval);
  return semaphores_[index];
}

Result<int> SemaphoreSet::count_waiting(unsigned index, Waiting what, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(check(caller, kMayRead));
  if (index >= count_) return err(Errno::inval);
  int n = 0;
  for (const Waiter* w = waiters_.front(); w != nullptr; w = waiters_.next(*w))
    n += waits_for(*w->blocking, index, what);
  return n;
}

Result<void> SemaphoreSet::get_all(std::span<unsigned short> values, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(check(caller, kMayRead));
  for (unsigned i = 0; i < count_; ++i) values[i] = static_cast<unsigned short>(semaphores_[i].value);
  return {};
}

void SemaphoreSet::forget_adjustments(unsigned index) {
  for (Undo* u = undos_.front(); u != nullptr; u = undos_.next(*u)) u->adjustments[index] = 0;
}

void SemaphoreSet::set_value(unsigned index, int value, const Caller& caller) {
  semaphores_[index] = {value, caller.process};
  forget_adjustments(index);
}

Result<void> SemaphoreSet::set_one(unsigned index, int value, const Caller& caller) {
  if (value < 0 || value > SEMVMX) return err(Errno::range);
  if (index >= count_) return err(Errno::inval);
  sync::LockHeld held{lock};
  TRY(check(caller, kMayWrite));
  set_value(index, value, caller);
  changed_ = now_seconds();
  serve_waiters();
  return {};
}

Result<void> SemaphoreSet::check_writable(const Caller& caller) {
  sync::LockHeld held{lock};
  return check(caller, kMayWrite);
}

Result<void> SemaphoreSet::set_all(std::span<const unsigned short> values, const Caller& caller) {
  if (std::ranges::any_of(values, [](unsigned short v) { return v > SEMVMX; })) return err(Errno::range);
  sync::LockHeld held{lock};
  TRY(check(caller, kMayWrite));
  for (unsigned i = 0; i < count_; ++i) set_value(i, values[i], caller);
  changed_ = now_seconds();
  serve_waiters();
  return {};
}

Result<void> SemaphoreSet::change_owner(fs::Uid uid, fs::Gid gid, std::uint32_t mode, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(may_control(permissions, caller.who));
  if (removed) return err(Errno::idrm);
  TRY(set_owner(permissions, uid, gid, mode));
  changed_ = now_seconds();
  return {};
}

Result<void> SemaphoreSet::remove(const Caller& caller) {
  {
    sync::LockHeld held{lock};
    TRY(may_control(permissions, caller.who));
  }
  TRY(owner_.semaphore_sets.remove(*this));
  uncount();
  sync::LockHeld held{lock};
  while (Waiter* w = waiters_.front()) wake_with(*w, err(Errno::idrm));
  return {};
}

SemaphoreSet::Status SemaphoreSet::status() {
  sync::LockHeld held{lock};
  return {permissions, operated_, changed_, count_, sequence()};
}

Result<SemaphoreSet::Status> SemaphoreSet::status(const Caller& caller) {
  {
    sync::LockHeld held{lock};
    TRY(check(caller, kMayRead));
  }
  return status();
}

}  // namespace k::ipc::sysv
