// pidfd_open, pidfd_send_signal, pidfd_getfd.
#include <linux/pidfd.h>

#include "kernel/task/pid_file.h"
#include "kernel/task/ptrace_access.h"
#include "syscalls/calls_pidfd.h"
#include "syscalls/fs_args.h"
#include "syscalls/pidfd_args.h"
#include "syscalls/signal_args.h"

namespace k::sys {

Result<PidfdArg> PidfdArg::find(const Task& self, Fd fd) {
  auto handle = TRY(self.fds().get(fd.number));
  auto* const file = fs::file_cast<task::PidFile>(*handle);
  if (file == nullptr) return err(Errno::badf);
  return PidfdArg{std::move(handle), *file};
}

namespace {

/// Whom a descriptor names to pidfd_send_signal: the process of a pidfd, or of a folder /proc/PID.
Result<Ref<task::Pid>> pid_named_by(const Task& self, Fd fd) {
  const auto file = TRY(self.fds().get(fd.number));
  auto pid = task::pid_named_by(*file);
  if (!pid) return err(Errno::badf);
  return Ref<task::Pid>::share(*pid);
}

}  // namespace

Result<Fd> pidfd_open(Task& self, std::int32_t pid, Flags flags) {
  if (!flags.only(PIDFD_NONBLOCK) || pid <= 0) return err(Errno::inval);
  auto found = task::find_pid(pid);
  if (!found) return err(Errno::srch);
  if (!task::process_of(*found)) {
    // A thread that is not its process's first, or the mere number of a group or session.
    const bool names_something = found->task.load(std::memory_order_relaxed) != nullptr ||
                                 found->group.load(std::memory_order_relaxed) != nullptr ||
                                 found->session.load(std::memory_order_relaxed) != nullptr;
    return err(names_something ? Errno::inval : Errno::srch);
  }
  auto file = TRY(task::PidFile::create(Ref<task::Pid>::share(*found), flags));
  return Fd{TRY(self.fds().install(std::move(file), fs::FdFlag::cloexec, TRY(limit_for_new_file(self))))};
}

Result<void> pidfd_send_signal(Task& self, Fd pidfd, SignalNumber signal, UserAddr info, Flags flags) {
  if (!flags.only(0)) return err(Errno::inval);
  const auto pid = TRY(pid_named_by(self, pidfd));
  task::SignalInfo filled = signal_from(self, signal, SI_USER);
  if (info.value != 0) {
    const bool to_self = pid->number() == self.tid();
    filled = TRY(read_signal_info(info));
    if (filled.number != signal.number) return err(Errno::inval);
    if (!to_self && is_forged(filled)) return err(Errno::perm);
  }
  TRY(check_signal_number(signal));
  const auto target = task::process_around(*pid);
  if (!target) return err(Errno::srch);
  return send_checked(self, *target, filled);
}

Result<Fd> pidfd_getfd(Task& self, Fd pidfd, Fd theirs, Flags flags) {
  if (!flags.only(0)) return err(Errno::inval);
  const auto target = TRY(PidfdArg::find(self, pidfd));
  const auto process = TRY(target->process());
  const auto view = TRY(task::view_process(self, *process, task::CallerIds::real));
  auto file = view.fds ? view.fds->file_at(theirs.number) : nullptr;
  if (!file) return err(Errno::badf);
  return Fd{TRY(self.fds().install(Ref<fs::File>::share(*file), fs::FdFlag::cloexec, open_files_limit(self)))};
}

}  // namespace k::sys
