/// SemaphoreSet: the semaphores of one identifier, and the threads that wait for their values.
///
/// Invariants  operations of one call happen all or none. A waiter's operations are done on its behalf by whoever makes them
///             possible, in order of arrival, so that a wake-up is never for nothing. Its record is on its stack, and leaves
///             the list under the lock before the call returns. Values stay in [0, SEMVMX].
/// Lock order  Object::lock; an UndoList's lock comes before it; wake-ups happen inside.
/// Context     task context. operate() may sleep.
/// Errors      AGAIN (IPC_NOWAIT, timeout), RANGE, FBIG (no such semaphore), IDRM, ACCES, interrupted, INVAL.
/// Source      semop(2), semctl(2).
#pragma once

#include <linux/sem.h>

#include <span>

#include "ipc/sysv/caller.h"
#include "ipc/sysv/namespace.h"
#include "kernel/lib/queue.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"

namespace k::ipc::sysv {

class SemaphoreSet;
class UndoList;

/// What one process's exit gives back to one set (SEM_UNDO). The adjustments are under the set's lock.
struct Undo {
  Ref<SemaphoreSet> set;
  Box<std::int16_t[]> adjustments;
  lib::QueueNode<Undo> of_set, of_list;
};

using SemaphoreOperations = std::span<const uapi::sembuf>;

class SemaphoreSet final : public Object, public mm::SlabAllocated<SemaphoreSet> {
 public:
  SemaphoreSet(Namespace& owner, const Permissions& permissions) : Object(permissions), owner_(owner) {}
  ~SemaphoreSet() override;
  /// semget(2).
  static Result<int> get(Namespace& in, Key key, int count, lib::Flags flags, const Caller& caller);

  unsigned count() const { return count_; }

  /// semop(2). `undos` is the caller's list; needed when an operation has SEM_UNDO.
  Result<void> operate(SemaphoreOperations operations, const Caller& caller, UndoList* undos, Deadline deadline);

  struct One {
    int value = 0;
    std::int32_t process = 0;  // that last operated on it
  };
  Result<One> look(unsigned index, const Caller& caller);
  enum class Waiting : bool { for_increase, for_zero };
  Result<int> count_waiting(unsigned index, Waiting what, const Caller& caller);
  Result<void> get_all(std::span<unsigned short> values, const Caller& caller);
  Result<void> set_one(unsigned index, int value, const Caller& caller);
  /// Before SETALL reads its values; it asks again.
  Result<void> check_writable(const Caller& caller);
  Result<void> set_all(std::span<const unsigned short> values, const Caller& caller);
  Result<void> change_owner(fs::Uid uid, fs::Gid gid, std::uint32_t mode, const Caller& caller);
  Result<void> remove(const Caller& caller);

  struct Status {
    Permissions permissions;
    std::int64_t operated, changed;  // seconds
    unsigned count, sequence;
  };
  Status status();
  /// IPC_STAT: with permission to read.
  Result<Status> status(const Caller& caller);

 private:
  friend class UndoList;
  struct Waiter {
    SemaphoreOperations operations;
    Undo* undo;
    std::int32_t process;
    const uapi::sembuf* blocking = nullptr;  // the operation that has to wait
    std::atomic<bool> done{false};
    Result<void> outcome;
    lib::QueueNode<Waiter> node;
    sync::WaitQueue woken;
  };

  void closed() override { uncount(); }
  void uncount();
  Result<void> init(unsigned count);
  Result<void> check(const Caller& caller, unsigned wanted) HT_REQUIRES(lock);
  /// nullptr: done. An operation: that one has to wait.
  Result<const uapi::sembuf*> attempt(SemaphoreOperations operations, Undo* undo, std::int32_t process)
      HT_REQUIRES(lock);
  Result<void> wait(Waiter& self, Deadline deadline);
  void serve_waiters() HT_REQUIRES(lock);
  void wake_with(Waiter& waiter, Result<void> outcome) HT_REQUIRES(lock);
  void forget_adjustments(unsigned index) HT_REQUIRES(lock);
  void set_value(unsigned index, int value, const Caller& caller) HT_REQUIRES(lock);

  Namespace& owner_;
  unsigned count_ = 0;
  std::atomic<bool> counted_{false};
  One* semaphores_ HT_GUARDED_BY(lock) = nullptr;
  std::int64_t operated_ HT_GUARDED_BY(lock) = 0, changed_ HT_GUARDED_BY(lock) = 0;
  lib::Queue<Undo, &Undo::of_set> undos_ HT_GUARDED_BY(lock);
  lib::Queue<Waiter, &Waiter::node> waiters_ HT_GUARDED_BY(lock);
};

}  // namespace k::ipc::sysv
