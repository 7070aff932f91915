#include <algorithm>

#include "kernel/task/signal.h"
#include "syscalls/calls_signal.h"
#include "syscalls/signal_args.h"

namespace k::sys {
namespace {

using task::Process;
using task::SignalInfo;

RefOrNull<Process> find(std::int32_t pid) {
  const sync::rcu::ReadGuard reading;
  Process* found = task::find_process(pid);
  return found != nullptr && found->try_ref() ? RefOrNull<Process>::adopt(found) : nullptr;
}

/// Success when at least one process took it; the last error when none did. Source: kill(2).
class Tally {
 public:
  void add(Result<void> sent) {
    any_ = true;
    if (sent) {
      success_ = true;
    } else {
      error_ = sent.error();
    }
  }
  Result<void> result() const {
    if (success_) return {};
    return err(any_ ? error_ : Errno::srch);
  }

 private:
  bool any_ = false, success_ = false;
  Errno error_ = Errno::srch;
};

Result<void> send_to_members(Task& self, std::int32_t number, const SignalInfo& info) {
  Tally tally;
  for (std::int32_t pid = 1;;) {
    RefOrNull<Process> process = task::next_process(pid);
    if (!process) break;
    pid = process->id() + 1;
    if (task::group_number(*process) == number) tally.add(send_checked(self, *process, info));
  }
  return tally.result();
}

/// Everything but the first process and the caller; processes that may not be signalled do not count as failures.
Result<void> send_to_all(Task& self, const SignalInfo& info) {
  Tally tally;
  for (std::int32_t pid = 2;;) {
    RefOrNull<Process> process = task::next_process(pid);
    if (!process) break;
    pid = process->id() + 1;
    if (process.get() == &self.process()) continue;
    const auto sent = send_checked(self, *process, info);
    tally.add(!sent && sent.error() == Errno::perm ? Result<void>{} : sent);
  }
  return tally.result();
}

Result<void> send_to_thread(Task& self, std::int32_t pid, std::int32_t tid, const SignalInfo& info) {
  const sync::rcu::ReadGuard reading;
  Task* thread = task::find_task(tid);
  if (thread == nullptr || (pid > 0 && thread->process().id() != pid)) return err(Errno::srch);
  if (!task::may_signal(self, thread->process(), info.number)) return err(Errno::perm);
  if (info.number == 0) return {};
  return task::send_to_thread(*thread, info);
}

/// A process may only pose as the kernel or as kill(2) towards itself. Source: rt_sigqueueinfo(2).
Result<SignalInfo> read_info(const Task& self, std::int32_t target, SignalNumber signal, UserAddr from) {
  SignalInfo info = TRY(read_signal_info(from));
  if (is_forged(info) && target != self.process().id()) return err(Errno::perm);
  info.number = signal.number;
  return info;
}

}  // namespace

Result<void> kill(Task& self, std::int32_t pid, SignalNumber signal) {
  TRY(check_signal_number(signal));
  const SignalInfo info = signal_from(self, signal, SI_USER);
  if (pid > 0) {
    const RefOrNull<Process> target = find(pid);
    if (!target) return err(Errno::srch);
    return send_checked(self, *target, info);
  }
  if (pid == INT32_MIN) return err(Errno::srch);
  if (pid == -1) return send_to_all(self, info);
  return send_to_members(self, pid == 0 ? task::group_number(self.process()) : -pid, info);
}

Result<void> tkill(Task& self, std::int32_t tid, SignalNumber signal) {
  if (tid <= 0) return err(Errno::inval);
  TRY(check_signal_number(signal));
  return send_to_thread(self, 0, tid, signal_from(self, signal, SI_TKILL));
}

Result<void> tgkill(Task& self, std::int32_t pid, std::int32_t tid, SignalNumber signal) {
  if (tid <= 0 || pid <= 0) return err(Errno::inval);
  TRY(check_signal_number(signal));
  return send_to_thread(self, pid, tid, signal_from(self, signal, SI_TKILL));
}

Result<void> rt_sigqueueinfo(Task& self, std::int32_t pid, SignalNumber signal, UserAddr info) {
  const SignalInfo filled = TRY(read_info(self, pid, signal, info));
  TRY(check_signal_number(signal));
  const RefOrNull<Process> target = find(pid);
  if (!target) return err(Errno::srch);
  return send_checked(self, *target, filled);
}

Result<void> rt_tgsigqueueinfo(Task& self, std::int32_t pid, std::int32_t tid, SignalNumber signal, UserAddr info) {
  if (tid <= 0 || pid <= 0) return err(Errno::inval);
  const SignalInfo filled = TRY(read_info(self, pid, signal, info));
  TRY(check_signal_number(signal));
  return send_to_thread(self, pid, tid, filled);
}

}  // namespace k::sys
