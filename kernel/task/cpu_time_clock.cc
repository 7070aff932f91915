#include "kernel/task/cpu_time_clock.h"

#include <linux/time.h>

#include "kernel/task/process_usage.h"

namespace k::task {

Result<CpuTimeClock> CpuTimeClock::find_thread(Task& self, pid_t number, Mode mode) {
  if (number == 0) return CpuTimeClock{Ref<Process>::share(self.process()), self.pid, mode};
  const sync::rcu::ReadGuard reading;
  const Task* const thread = find_task(number);
  if (thread == nullptr || &thread->process() != &self.process()) return err(Errno::inval);
  return CpuTimeClock{Ref<Process>::share(self.process()), thread->pid, mode};
}

Result<CpuTimeClock> CpuTimeClock::find_process(Task& self, pid_t number, Mode mode) {
  if (number == 0) return CpuTimeClock{Ref<Process>::share(self.process()), nullptr, mode};
  const sync::rcu::ReadGuard reading;
  Process* const found = task::find_process(number);
  if (found == nullptr || !found->try_ref()) return err(Errno::inval);
  return CpuTimeClock{Ref<Process>::adopt(*found), nullptr, mode};
}

Result<CpuTimeClock> CpuTimeClock::find(Task& self, int clock) {
  if (clock == CLOCK_PROCESS_CPUTIME_ID) return find_process(self, 0, Mode::total);
  if (clock == CLOCK_THREAD_CPUTIME_ID) return find_thread(self, 0, Mode::total);
  // ~number << 3, 4 for a thread, and the mode; mode 3 belongs to dynamic clocks of devices.
  const unsigned mode = static_cast<unsigned>(clock) & 3;
  if (clock >= 0 || mode == 3) return err(Errno::inval);
  const pid_t number = ~(clock >> 3);
  return (clock & 4) != 0 ? find_thread(self, number, Mode{mode}) : find_process(self, number, Mode{mode});
}

std::uint64_t CpuTimeClock::select(const Usage& usage) const {
  return mode_ == Mode::user ? usage.user_ns : usage.user_ns + usage.system_ns;
}

std::uint64_t CpuTimeClock::read_locked(const Process::Signals& signals) const {
  if (!thread_) return select(process_usage_locked(*process_, signals));
  const sync::rcu::ReadGuard reading;
  const Task* const thread = thread_->task.load(std::memory_order_acquire);
  if (thread == nullptr || &thread->process() != process_.get()) return 0;
  return mode_ == Mode::total ? sched::cpu_time_ns(*thread) : select(thread_usage(*thread));
}

Result<std::uint64_t> CpuTimeClock::read() const {
  Locked signals{process_->signals};
  const bool has_ended = thread_ ? thread_->task.load(std::memory_order_acquire) == nullptr
                                 : process_->pid->process.load(std::memory_order_acquire) == nullptr;
  if (has_ended) return err(Errno::srch);
  return read_locked(*signals);
}

}  // namespace k::task
