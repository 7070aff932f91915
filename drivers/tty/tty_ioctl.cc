// ioctl_tty(2): dispatch, window size, queues, flow, exclusive use.
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/tty.h>

#include "drivers/tty/tty.h"

namespace k::drivers {

using sync::Locked;
using uapi::termios2;  // TCGETS2 and its kin name the plain struct

Result<long> Tty::ioctl(unsigned command, IoctlArg arg, TtyCaller caller) {
  switch (command) {
    case TIOCSCTTY:
    case TIOCNOTTY:
    case TIOCGPGRP:
    case TIOCSPGRP:
    case TIOCGSID:
      return session_ioctl(command, arg, caller);
    case TIOCEXCL:
    case TIOCNXCL:
    case TIOCGEXCL:
      return exclusive_ioctl(command, arg);
    case TIOCSBRK:
    case TCSBRK:
    case TCSBRKP:
    case TIOCSETD:
    case TIOCCBRK:
    case TCFLSH:
    case TCXONC:
      TRY(job_control().check_access(*this, TtyAccess::change));
      return output_ioctl(command, arg);
    case FIONREAD:
    case TIOCOUTQ:
    case TIOCGETD:
    case TIOCSTI:
    case TIOCVHANGUP:
      return queue_ioctl(command, arg);
    default:
      return shared_ioctl(command, arg);
  }
}

Result<long> Tty::shared_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case TCGETS:
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
    case TCGETS2:
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
      return termios_ioctl(command, arg);
    case TIOCGWINSZ:
      return window(arg);
    case TIOCSWINSZ:
      return set_window(TRY(arg.read<uapi::winsize>()));
    case TIOCGDEV:
      TRY(arg.write(device_number_));
      return 0;
    default:
      return err(Errno::notty);
  }
}

Result<long> Tty::window(IoctlArg arg) {
  uapi::winsize w{};
  {
    Locked s{state_};
    w = s->window;
  }
  TRY(arg.write(w));
  return 0;
}

Result<long> Tty::set_window(const uapi::winsize& w) {
  {
    Locked s{state_};
    const auto& old = s->window;
    const bool same = old.ws_row == w.ws_row && old.ws_col == w.ws_col && old.ws_xpixel == w.ws_xpixel &&
                      old.ws_ypixel == w.ws_ypixel;
    if (same) return 0;
    s->window = w;
  }
  raise(SIGWINCH);
  return 0;
}

Result<long> Tty::output_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case TCFLSH:
      return flush(static_cast<unsigned>(arg.value()));
    case TCXONC:
      return flow(static_cast<unsigned>(arg.value()));
    case TIOCCBRK:
      return 0;
    case TIOCSETD:
      TRY(wait_output_drained());
      return TRY(arg.read<int>()) == N_TTY ? Result<long>{0} : err(Errno::inval);
    default:  // a break itself is nothing that any device here could send
      TRY(wait_output_drained());
      return 0;
  }
}

Result<long> Tty::queue_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case FIONREAD: {
      int n = 0;
      {
        Locked s{state_};
        n = static_cast<int>(s->line.available());
      }
      TRY(arg.write(n));
      return 0;
    }
    case TIOCOUTQ:
      TRY(arg.write(static_cast<int>(device_.pending_output())));
      return 0;
    case TIOCGETD:
      TRY(arg.write(int{N_TTY}));
      return 0;
    case TIOCVHANGUP:
      return hang_up_by_call();
    default:
      return inject(arg);
  }
}

Result<long> Tty::exclusive_ioctl(unsigned command, IoctlArg arg) {
  if (command == TIOCGEXCL) {
    TRY(arg.write(int{exclusive_.load(std::memory_order_relaxed)}));
    return 0;
  }
  exclusive_.store(command == TIOCEXCL, std::memory_order_relaxed);
  return 0;
}

Result<long> Tty::flush(unsigned which) {
  if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH) return err(Errno::inval);
  if (which != TCOFLUSH) discard_raw_input();
  {
    Locked s{state_};
    if (which != TCOFLUSH) s->line.flush_input();
    if (which != TCIFLUSH) device_.discard_sent();
  }
  if (which != TCIFLUSH) output_ready();
  return 0;
}

Result<long> Tty::flow(unsigned action) {
  Locked s{state_};
  switch (action) {
    case TCOOFF:
    case TCOON:
      s->line.hold_output(action == TCOOFF);
      break;
    case TCIOFF:
    case TCION: {
      const char c = static_cast<char>(s->line.termios().raw.c_cc[action == TCIOFF ? VSTOP : VSTART]);
      if (c != 0) (void)device_.transmit({&c, 1});
      break;
    }
    default:
      return err(Errno::inval);
  }
  if (action == TCOON) output_ready();
  return 0;
}

Result<long> Tty::inject(IoctlArg arg) {
  JobControl& jobs = job_control();
  if (jobs.controlling_terminal().get() != this && !jobs.is_administrator()) return err(Errno::perm);
  receive_now(TRY(arg.read<char>()));
  return 0;
}

Result<long> Tty::hang_up_by_call() {
  if (!job_control().is_administrator()) return err(Errno::perm);
  hang_up();
  return 0;
}

}  // namespace k::drivers
