#include "kernel/task/semaphore_undo.h"

#include "kernel/task/process.h"

namespace k::task {

using ipc::sysv::UndoList;

Result<UndoList*> semaphore_undos(Task& self) {
  if (!self.semaphore_undos) self.semaphore_undos = TRY(UndoList::create());
  return self.semaphore_undos.get();
}

Result<void> share_semaphore_undos(Task& parent, Task& child) {
  child.semaphore_undos = RefOrNull<UndoList>::share(TRY(semaphore_undos(parent)));
  return {};
}

void leave_semaphores(Task& self) {
  if (UndoList* list = self.semaphore_undos.leak()) UndoList::leave(Ref<UndoList>::adopt(*list), self.process().id());
}

}  // namespace k::task
