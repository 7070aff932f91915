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

void Tty::hang_up() {
  hangups_.fetch_add(1, std::memory_order_acq_rel);
  {
    Locked s{state_};
    s->line.flush_input();
    device_.discard_output();
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

Result<long> Tty::session_ioctl(unsigned command, IoctlArg arg) {
  JobControl& jobs = job_control();
  switch (command) {
    case TIOCSCTTY:
      TRY(jobs.acquire(*this, static_cast<int>(arg.value())));
      return 0;
    case TIOCNOTTY:
      TRY(jobs.release(*this));
      return 0;
    case TIOCGPGRP:
      TRY(arg.write<pid_t>(TRY(jobs.foreground(*this))));
      return 0;
    case TIOCSPGRP:
      TRY(jobs.set_foreground(*this, TRY(arg.read<pid_t>())));
      return 0;
    case TIOCGSID:
      TRY(arg.write<pid_t>(TRY(jobs.session_id(*this))));
      return 0;
    default:
      return err(Errno::notty);
  }
}

}  // namespace k::drivers
