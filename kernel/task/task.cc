#include "kernel/task/task.h"

#include "ipc/sysv/undo_list.h"

#include "kernel/task/process.h"

namespace k::task {

Task::Task(Ref<Pid> tid, Ref<Process> process, Ref<fs::Credentials> credentials, Ref<User> user)
    : pid(std::move(tid)), process_(std::move(process)), credentials_(std::move(credentials)), user_(std::move(user)) {
  user_->threads.fetch_add(1, std::memory_order_relaxed);
}

Task::~Task() {
  user_->threads.fetch_sub(1, std::memory_order_relaxed);
  if (fpu != nullptr) arch::fpu_destroy(fpu);
}

RefOrNull<fs::FdTable> Task::shared_fds() const {
  sync::LockHeld held{resources_};
  return fds_;
}

RefOrNull<fs::FsContext> Task::shared_fs_context() const {
  sync::LockHeld held{resources_};
  return fs_context_;
}

RefOrNull<ipc::sysv::UndoList> Task::shared_semaphore_undos() const {
  sync::LockHeld held{resources_};
  return semaphore_undos_;
}

Ref<fs::Credentials> Task::shared_credentials() const {
  sync::LockHeld held{resources_};
  return credentials_;
}

RefOrNull<mm::AddressSpace> Task::shared_address_space() const {
  sync::LockHeld held{resources_};
  return space_;
}

// The old values are dropped after the lock: their destructors sleep.

void Task::set_credentials(Ref<fs::Credentials> credentials) {
  sync::LockHeld held{resources_};
  std::swap(credentials_, credentials);
}

void Task::set_user(Ref<User> user) {
  user->threads.fetch_add(1, std::memory_order_relaxed);
  user_->threads.fetch_sub(1, std::memory_order_relaxed);
  sync::LockHeld held{resources_};
  std::swap(user_, user);
}

void Task::set_fds(RefOrNull<fs::FdTable> fds) {
  sync::LockHeld held{resources_};
  std::swap(fds_, fds);
}

void Task::set_fs_context(RefOrNull<fs::FsContext> context) {
  sync::LockHeld held{resources_};
  std::swap(fs_context_, context);
}

RefOrNull<ipc::sysv::UndoList> Task::set_semaphore_undos(RefOrNull<ipc::sysv::UndoList> list) {
  sync::LockHeld held{resources_};
  std::swap(semaphore_undos_, list);
  return list;
}

void Task::set_address_space(RefOrNull<mm::AddressSpace> next) {
  sched::SpaceBinding* const loaded = next ? &next->binding() : nullptr;
  {
    sync::LockHeld held{resources_};
    std::swap(space_, next);
    space = space_.get();
  }
  if (&sched::current() == this) {
    sched::use_space(loaded);
  } else {
    binding = loaded;
  }
}

}  // namespace k::task
