// The session side of a terminal: who controls it, who is in the foreground, who must stop.
#include <asm/ioctls.h>
#include <asm/signal.h>

#include <utility>

#include "drivers/tty/tty.h"

namespace k::drivers {

using sync::Locked;

RefOrNull<TtySession> Tty::session() const {
  Locked s{session_};
  return *s;
}

void Tty::set_session(RefOrNull<TtySession> session) {
  Locked s{session_};
  std::swap(*s, session);  // the old one is released by `session`'s destructor, after the lock
}

/// Openings end before the session hears of it: whoever acts on the signal finds them ended.
void Tty::hang_up() {
  hangups_.fetch_add(1, std::memory_order_acq_rel);
  discard_raw_input();
  {
    Locked s{state_};
    s->line.flush_input();
    discard_output();
    if (is_pseudo()) s->line.set_termios(settings_at_first_);
  }
  if (const auto controlled = session()) {
    set_session(nullptr);
    controlled->hang_up();
  }
  constexpr sync::PollEvents kEnd = sync::PollEvents{sync::PollEvent::hup} | sync::PollEvent::err;
  readable_.wake_all(sync::kReadable | kEnd);
  writable_.wake_all(sync::kWritable | kEnd);
}

void Tty::raise(int signal) {
  if (const auto s = session()) s->signal_foreground(signal);
}

Result<void> Tty::check_write_access() {
  {
    Locked s{state_};
    if (!s->line.termios().local(TOSTOP)) return {};
  }
  return job_control().check_access(*this, TtyAccess::write);
}

/// An orphaned group is told ENOTTY here and EIO everywhere else.
Result<long> Tty::set_foreground(IoctlArg arg) {
  if (const auto may = job_control().check_access(*this, TtyAccess::change); !may)
    return err(may.error() == Errno::io ? Errno::notty : may.error());
  TRY(job_control().set_foreground(*this, TRY(arg.read<pid_t>())));
  return 0;
}

Result<long> Tty::session_ioctl(unsigned command, IoctlArg arg, TtyCaller caller) {
  JobControl& jobs = job_control();
  switch (command) {
    case TIOCSCTTY:
      TRY(jobs.acquire(*this, static_cast<int>(arg.value()), caller.readable));
      return 0;
    case TIOCNOTTY:
      TRY(jobs.release(*this));
      return 0;
    case TIOCGPGRP:
      TRY(arg.write<pid_t>(TRY(jobs.foreground(*this))));
      return 0;
    case TIOCSPGRP:
      return set_foreground(arg);
    default:
      TRY(arg.write<pid_t>(TRY(jobs.session_id(*this))));
      return 0;
  }
}

}  // namespace k::drivers
