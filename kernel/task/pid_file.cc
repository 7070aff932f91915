#include "kernel/task/pid_file.h"

#include "kernel/task/task.h"

namespace k::task {
namespace {

constinit FolderSubject g_folder_subject = [](const fs::File&) { return RefOrNull<Pid>{}; };

}  // namespace

RefOrNull<Process> process_of(const Pid& pid) {
  const sync::rcu::ReadGuard reading;
  Process* const found = pid.process.load(std::memory_order_acquire);
  return found != nullptr && found->try_ref() ? RefOrNull<Process>::adopt(found) : nullptr;
}

Process* find_process_around(const Pid& pid) {
  if (Process* const found = pid.process.load(std::memory_order_acquire)) return found;
  Task* const thread = pid.task.load(std::memory_order_acquire);
  return thread != nullptr ? &thread->process() : nullptr;
}

RefOrNull<Process> process_around(const Pid& pid) {
  const sync::rcu::ReadGuard reading;
  Process* const found = find_process_around(pid);
  return found != nullptr && found->try_ref() ? RefOrNull<Process>::adopt(found) : nullptr;
}

void set_folder_subject(FolderSubject subject) { g_folder_subject = subject; }

RefOrNull<Pid> pid_named_by(fs::File& file) {
  if (const auto* const pidfd = fs::file_cast<PidFile>(file)) return RefOrNull<Pid>::share(&pidfd->pid());
  return g_folder_subject(file);
}

PidFile::PidFile(Ref<Pid> pid, lib::Flags flags) : AnonymousFile(kClass, flags.with(O_RDWR)), pid_(std::move(pid)) {}

Result<Ref<fs::File>> PidFile::create(Ref<Pid> pid, lib::Flags flags) {
  auto* file = new (std::nothrow) PidFile(std::move(pid), flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<fs::File>::adopt(*file);
}

Result<Ref<Process>> PidFile::process() const {
  auto process = process_of(*pid_);
  if (!process) return err(Errno::srch);
  return Ref<Process>::share(*process);
}

sync::PollEvents PidFile::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(pid_->exited);
  const auto process = process_of(*pid_);
  if (!process) return sync::kReadable;
  sync::LockHeld tree{g_task_tree};
  return process->life == Life::running ? sync::PollEvents{} : sync::kReadable;
}

void PidFile::show_info(lib::TextBuffer& out) const {
  const std::int32_t number = process_of(*pid_) ? pid_->number() : -1;
  out.print("Pid:\t{}\nNSpid:\t{}\n", number, number);
}

}  // namespace k::task
