#include "kernel/task/semaphore_undo.h"

#include "kernel/task/process.h"

namespace k::task {

using ipc::sysv::UndoList;

Result<UndoList*> semaphore_undos(Task& self) {
  if (self.semaphore_undos() == nullptr) (void)self.set_semaphore_undos(TRY(UndoList::create()));
  return self.semaphore_undos();
}

Result<void> share_semaphore_undos(Task& parent, Task& child) {
  (void)child.set_semaphore_undos(RefOrNull<UndoList>::share(TRY(semaphore_undos(parent))));
  return {};
}

void leave_semaphores(Task& self) {
  auto list = self.set_semaphore_undos(nullptr);
  if (UndoList* const last = list.leak()) UndoList::leave(Ref<UndoList>::adopt(*last), self.process().id());
}

}  // namespace k::task
