// semget, semop, semtimedop.
#include "ipc/sysv/undo_list.h"
#include "kernel/task/semaphore_undo.h"
#include "syscalls/calls_ipc.h"
#include "syscalls/ipc_encode.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using ipc::sysv::initial_namespace;
using ipc::sysv::SemaphoreSet;
using uapi::sembuf;

/// The caller's operations; a few stay on the stack.
class OperationsArg {
 public:
  OperationsArg() {}
  OperationsArg(const OperationsArg&) = delete;
  OperationsArg& operator=(const OperationsArg&) = delete;

  Result<void> read(UserIn<sembuf> from, unsigned count) {
    all_ = {short_, count};
    if (count > kShort) {
      long_.reset(new (std::nothrow) sembuf[count]);
      if (!long_) return err(Errno::nomem);
      all_ = {long_.get(), count};
    }
    return from.read_all(all_);
  }
  std::span<const sembuf> view() const { return all_; }
  bool has(int flag) const {
    for (const sembuf& o : all_)
      if ((o.sem_flg & flag) != 0) return true;
    return false;
  }

 private:
  static constexpr unsigned kShort = 16;
  std::span<sembuf> all_;
  sembuf short_[kShort];
  Box<sembuf[]> long_;
};

Result<void> operate(Task& self, int id, UserIn<sembuf> from, unsigned count, UserIn<uapi::__kernel_timespec> timeout) {
  uapi::__kernel_timespec time{};
  if (!timeout.is_null()) time = TRY(timeout.read());
  const auto most = static_cast<unsigned>(initial_namespace().semaphore_limits.operations.load());
  if (count > most) return err(Errno::toobig);
  if (count < 1) return err(Errno::inval);
  OperationsArg operations;
  TRY(operations.read(from, count));
  if (id < 0) return err(Errno::inval);
  const Deadline deadline = timeout.is_null() ? Deadline::never() : Deadline::after(TRY(to_ns(time)));
  const auto set = TRY(initial_namespace().semaphore_sets.find(id));
  ipc::sysv::UndoList* undos = nullptr;
  if (operations.has(SEM_UNDO)) undos = TRY(task::semaphore_undos(self));
  return set->operate(operations.view(), ipc_caller(self), undos, deadline);
}

}  // namespace

Result<int> semget(Task& self, std::int32_t key, int count, Flags flags) {
  return SemaphoreSet::get(initial_namespace(), key, count, flags, ipc_caller(self));
}

Result<void> semop(Task& self, int id, UserIn<sembuf> operations, unsigned count) {
  return operate(self, id, operations, count, {});
}

Result<void> semtimedop(Task& self, int id, UserIn<sembuf> operations, unsigned count,
                        UserIn<uapi::__kernel_timespec> timeout) {
  return operate(self, id, operations, count, timeout);
}

}  // namespace k::sys
