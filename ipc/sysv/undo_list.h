/// UndoList: what SEM_UNDO operations of a process are to be taken back when it ends.
///
/// Invariants  one per process that used SEM_UNDO, shared by CLONE_SYSVSEM; at most one Undo per set. An Undo stays until the
///             end, also of a removed set.
/// Lock order  Rank::ipc_undo, then a set's lock.
/// Context     task context.
/// Errors      NOMEM.
/// Source      semop(2) "SEM_UNDO", clone(2) "CLONE_SYSVSEM".
#pragma once

#include "ipc/sysv/semaphore_set.h"

namespace k::ipc::sysv {

class UndoList final : public lib::RefCounted, public mm::SlabAllocated<UndoList> {
 public:
  static Result<Ref<UndoList>> create() { return make_ref<UndoList>(); }
  ~UndoList();

  /// The adjustments of `set`; zero at first. They live as long as this list.
  Result<Undo*> for_set(SemaphoreSet& set);
  /// Process `number` stops using the list; the last one's end gives everything back.
  static void leave(Ref<UndoList> list, std::int32_t number);

 private:
  using Undos = lib::Queue<Undo, &Undo::of_list>;
  static Undo* find(const Undos& undos, const SemaphoreSet& set);
  static void give_back(Undo& undo, std::int32_t process);

  sync::Guarded<Undos, sync::Rank::ipc_undo> undos_;
};

}  // namespace k::ipc::sysv
