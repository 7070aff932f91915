#include "kernel/task/process.h"

#include "kernel/task/posix_timer.h"
#include "kernel/task/process_group.h"

namespace k::task {

constinit TaskTreeLock g_task_tree;

Process::Process(Ref<Pid> p, Ref<SharedActions> actions)
    : pid(std::move(p)), signals(std::move(actions)), timers(*this) {}

Process::~Process() { delete signals.unguarded().posix_timers.load(std::memory_order_relaxed); }

void Process::on_last_ref() {
  Process* self = this;
  pid->process.compare_exchange_strong(self, nullptr, std::memory_order_acq_rel);
  signal_readers.detach_all();
  free_later();
}

RefOrNull<Executable> Process::executable() const {
  sync::LockHeld held{executable_lock_};
  return executable_;
}

void Process::set_executable(RefOrNull<Executable> executable) {
  sync::LockHeld held{executable_lock_};
  std::swap(executable_, executable);
}

bool is_child_of_thread(const Process& child, const Task& thread) {
  const Task* const maker = child.maker ? child.maker->task.load(std::memory_order_acquire) : nullptr;
  if (maker != nullptr) return maker == &thread;
  Locked signals{thread.process().signals};
  return !signals->threads.empty() && &signals->threads.front() == &thread;
}

IoCounts& IoCounts::operator+=(const IoCounts& o) {
  bytes_read += o.bytes_read;
  bytes_written += o.bytes_written;
  reads += o.reads;
  writes += o.writes;
  return *this;
}

Usage& Usage::operator+=(const Usage& o) {
  user_ns += o.user_ns;
  system_ns += o.system_ns;
  minor_faults += o.minor_faults;
  major_faults += o.major_faults;
  voluntary_switches += o.voluntary_switches;
  involuntary_switches += o.involuntary_switches;
  blocks_in += o.blocks_in;
  blocks_out += o.blocks_out;
  io += o.io;
  if (o.peak_resident_pages > peak_resident_pages) peak_resident_pages = o.peak_resident_pages;
  return *this;
}

}  // namespace k::task
