/// What the calls that send signals share.
///
/// Context     task context.
/// Errors      INVAL (number), FAULT, PERM.
/// Source      kill(2), rt_sigqueueinfo(2), pidfd_send_signal(2).
#pragma once

#include "kernel/task/signal.h"
#include "mm/user/user_ptr.h"
#include "syscalls/convert.h"

namespace k::sys {

inline Result<void> check_signal_number(SignalNumber signal) {
  if (signal.number < 0 || signal.number > task::kSignals) return err(Errno::inval);
  return {};
}

inline task::SignalInfo signal_from(const Task& self, SignalNumber signal, int code) {
  return task::SignalInfo::from_user(signal.number, code, self.process().id(), self.creds().uid);
}

inline Result<task::SignalInfo> read_signal_info(UserAddr from) {
  task::SignalInfo info = TRY(UserIn<task::SignalInfo>{from}.read());
  info.padding = 0;
  return info;
}

/// Poses as the kernel or as kill(2), which a process may do towards itself only.
inline bool is_forged(const task::SignalInfo& info) { return info.code >= 0 || info.code == SI_TKILL; }

/// Signal 0 only asks whether it could be sent.
inline Result<void> send_checked(const Task& self, task::Process& target, const task::SignalInfo& info) {
  if (!task::may_signal(self, target, info.number)) return err(Errno::perm);
  if (info.number == 0) return {};
  return task::send_to_process(target, info);
}

}  // namespace k::sys
