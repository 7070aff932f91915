#include "ipc/sysv/undo_list.h"

#include <algorithm>

namespace k::ipc::sysv {

UndoList::~UndoList() {
  while (Undo* undo = undos_.unguarded().pop_front()) delete undo;  // the last reference: nobody else looks
}

Undo* UndoList::find(const Undos& undos, const SemaphoreSet& set) {
  for (Undo* u = undos.front(); u != nullptr; u = undos.next(*u))
    if (u->set.get() == &set) return u;
  return nullptr;
}

Result<Undo*> UndoList::for_set(SemaphoreSet& set) {
  {
    sync::Locked undos{undos_};
    if (Undo* there = find(*undos, set)) return there;
  }
  Box<std::int16_t[]> adjustments{new (std::nothrow) std::int16_t[set.count()]{}};
  if (!adjustments) return err(Errno::nomem);
  Box<Undo> fresh{new (std::nothrow) Undo{Ref<SemaphoreSet>::share(set), std::move(adjustments), {}, {}}};
  if (!fresh) return err(Errno::nomem);
  sync::Locked undos{undos_};
  if (Undo* there = find(*undos, set)) return there;  // another thread of the process was faster
  sync::LockHeld held{set.lock};
  if (set.removed) return err(Errno::idrm);
  set.undos_.push_back(*fresh);
  undos->push_back(*fresh);
  return fresh.release();
}

void UndoList::give_back(Undo& undo, std::int32_t process) {
  SemaphoreSet& set = *undo.set;
  sync::LockHeld held{set.lock};
  set.undos_.erase(undo);
  if (set.removed) return;
  bool changed = false;
  for (unsigned i = 0; i < set.count_; ++i) {
    if (undo.adjustments[i] == 0) continue;
    set.semaphores_[i] = {std::clamp(set.semaphores_[i].value + undo.adjustments[i], 0, SEMVMX), process};
    changed = true;
  }
  if (!changed) return;
  set.operated_ = now_seconds();
  set.serve_waiters();
}

void UndoList::leave(Ref<UndoList> list, std::int32_t number) {
  UndoList* const left = list.leak();
  if (!left->unref()) return;
  // The last reference: nobody else looks.
  while (Undo* undo = left->undos_.unguarded().pop_front()) {
    give_back(*undo, number);
    delete undo;
  }
  delete left;
}

}  // namespace k::ipc::sysv
