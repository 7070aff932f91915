/// Between terminals and job control: drivers/tty stands below kernel/task, so each side sees the other as an interface.
///
/// Invariants  a terminal controls at most one session and a session has at most one controlling terminal. The session
///             knows its terminal and its foreground group; the terminal holds the session.
/// Lock order  none of the calls may be made with a tty lock held, except signal_foreground.
/// Context     task context; signal_foreground: any (the interrupt handler that read a Ctrl-C).
/// Source      tcsetpgrp(3), ioctl_tty(2), setsid(2), signal(7).
#pragma once

#include <cstdint>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"

namespace k::drivers {

using pid_t = std::int32_t;

/// A session, as the terminal that controls it sees it. kernel/task implements it.
class TtySession : public lib::RefCounted {
 public:
  virtual ~TtySession() = default;
  virtual void on_last_ref() = 0;
  virtual pid_t id() const = 0;
  /// 0 when there is none.
  virtual pid_t foreground() const = 0;
  virtual void signal_foreground(int signal) = 0;
  /// The terminal is gone: SIGHUP and SIGCONT to the leader. The foreground group gets them when the leader exits.
  virtual void hang_up() = 0;
};

/// A terminal, as a session sees it. drivers/tty implements it.
class Terminal : public lib::RefCounted {
 public:
  virtual ~Terminal() = default;
  /// As in stat's st_rdev: field tty_nr of /proc/PID/stat.
  virtual std::uint32_t device_number() const = 0;
  /// A pseudo-terminal is not hung up when its session's leader exits.
  virtual bool is_pseudo() const = 0;
  /// Null when it controls no session.
  virtual RefOrNull<TtySession> session() const = 0;
  /// Called by kernel/task only, when a session takes (TIOCSCTTY, open) or loses (TIOCNOTTY, leader's exit) the terminal.
  virtual void set_session(RefOrNull<TtySession> session) = 0;
  /// Ends what is open (reads answer end of file, writes EIO; the console's descriptors go on) and takes the terminal from its
  /// session.
  virtual void hang_up() = 0;
};

enum class TtyAccess : std::uint8_t { read, write, change };

/// What terminals ask about the calling process.
class JobControl {
 public:
  virtual RefOrNull<Terminal> controlling_terminal() = 0;
  /// Whether the caller's background process group may go on: SIGTTIN or SIGTTOU is sent and the result is `interrupted`,
  /// or EIO for an orphaned group, as POSIX says. Success when the caller is in the foreground or `terminal` is not its own.
  /// Source: tty_check_change, n_tty job control; termios(3) TOSTOP.
  virtual Result<void> check_access(Terminal& terminal, TtyAccess access) = 0;
  /// open(2) of a terminal without O_NOCTTY: takes it when the caller leads a session that has none.
  virtual void acquire_on_open(Terminal& terminal) = 0;
  /// TIOCSCTTY with its argument, TIOCNOTTY, TIOCGPGRP, TIOCSPGRP, TIOCGSID. Whoever cannot read the terminal may not take it.
  virtual Result<void> acquire(Terminal& terminal, int steal, bool readable) = 0;
  virtual Result<void> release(Terminal& terminal) = 0;
  virtual Result<pid_t> foreground(Terminal& terminal) = 0;
  virtual Result<void> set_foreground(Terminal& terminal, pid_t group) = 0;
  virtual Result<pid_t> session_id(Terminal& terminal) = 0;
  /// CAP_SYS_ADMIN.
  virtual bool is_administrator() = 0;

 protected:
  ~JobControl() = default;
};

/// kernel/task registers itself at boot, before any terminal is opened.
void set_job_control(JobControl& job_control);
JobControl& job_control();

}  // namespace k::drivers
