/// What a terminal asks of processes, and what a session keeps of its terminal.
///
/// drivers/ stands below kernel/task, so terminals reach processes through JobControl, which kernel/task implements and
/// registers at boot; a session (kernel/task) holds its controlling terminal as a ControllingTty.
/// Invariants  a terminal controls at most one session and a session has at most one terminal (tty_ioctl(4)).
/// Context     task context; signal_group also from the terminal's input worker (no spin lock held).
/// Source      credentials(7), setpgid(2), ioctl_tty(2); POSIX.1-2017 chapter 11 (General Terminal Interface).
#pragma once

#include <cstdint>

#include "kernel/lib/ref.h"

namespace k::drv {

using PidNumber = int;

/// A terminal as its session sees it.
class ControllingTty : public lib::RefCounted {
 public:
  virtual ~ControllingTty() = default;
  /// Linux's encoded device number, for /proc/PID/stat.
  virtual std::uint64_t device_number() const = 0;
  virtual PidNumber foreground_group() const = 0;
  /// The session's leader exits or gave the terminal up: SIGHUP and SIGCONT to the foreground group, the tie is cut.
  virtual void release_session() = 0;
};

/// Processes as a terminal sees them; "caller" is the running task.
class JobControl {
 public:
  virtual PidNumber caller_session() = 0;
  virtual PidNumber caller_group() = 0;
  virtual bool caller_is_session_leader() = 0;
  virtual bool caller_blocks_or_ignores(int signal) = 0;
  virtual bool caller_group_is_orphaned() = 0;
  virtual bool caller_is_admin() = 0;  // CAP_SYS_ADMIN: TIOCSTI, stealing a terminal
  /// The controlling terminal of the caller's session; null when there is none.
  virtual lib::RefOrNull<ControllingTty> caller_tty() = 0;
  /// Gives the caller's session a terminal, or (null) takes it away.
  virtual void set_caller_tty(lib::RefOrNull<ControllingTty> tty) = 0;
  /// Takes the terminal away from session `session`, whoever runs now.
  virtual void detach_session_tty(PidNumber session) = 0;
  /// True when group `group` exists and belongs to session `session`.
  virtual bool group_in_session(PidNumber group, PidNumber session) = 0;
  /// Kernel-sent signal to each process of the group.
  virtual void signal_group(PidNumber group, int signal) = 0;
  /// Kernel-sent signal to the leader of session `session`.
  virtual void signal_session_leader(PidNumber session, int signal) = 0;

 protected:
  ~JobControl() = default;
};

void set_job_control(JobControl& implementation);
JobControl& job_control();

}  // namespace k::drv
