#include "fs/procfs/entry.h"
#include "kernel/task/pid_file.h"
#include "kernel/task/ptrace_access.h"
#include "kernel/task/task.h"

namespace k::fs::proc {

Task* Subject::find() const {
  if (!pid_) return nullptr;
  if (Task* thread = pid_->task.load(std::memory_order_acquire)) return thread;
  if (is_thread_) return nullptr;
  // The thread that carried the process's number left before the others.
  Process* process = pid_->process.load(std::memory_order_acquire);
  if (process == nullptr) return nullptr;
  Locked signals{process->signals};
  return signals->threads.empty() ? nullptr : &signals->threads.front();
}

Result<Ref<Process>> Subject::process() const {
  const auto found = pid_ ? task::process_around(*pid_) : nullptr;
  if (!found) return err(Errno::srch);
  return Ref<Process>::share(*found);
}

bool Subject::is_caller() const {
  bool is = false;
  (void)with_task([&](const Task& t) { is = &t.process() == &task::current().process(); });
  return is;
}

RefOrNull<mm::AddressSpace> Subject::memory() const {
  RefOrNull<mm::AddressSpace> space;
  (void)with_task([&](const Task& t) { space = t.shared_address_space(); });
  return space;
}

Result<void> Subject::check_access() const {
  const Task& self = task::current();
  const auto target = TRY(process());
  if (target.get() == &self.process()) return {};
  RefOrNull<Credentials> theirs;
  TRY(with_task([&](const Task& t) { theirs = t.shared_credentials(); }));
  if (!task::may_look_into(self, *target, *theirs, task::CallerIds::file_system)) return err(Errno::acces);
  return {};
}

}  // namespace k::fs::proc
