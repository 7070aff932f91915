// ioctl_tty(2): settings, window size, queues, flow.
#include <asm/ioctls.h>
#include <asm/signal.h>

#include "drivers/tty/tty.h"

namespace k::drivers {

using sync::Locked;
using uapi::termios2;  // TCGETS2 and its kin name the plain struct

namespace {

/// The old struct termios (no speeds), as TCGETS and TCSETS know it.
uapi::termios to_old(const Termios& t) {
  uapi::termios old{};
  old.c_iflag = t.raw.c_iflag;
  old.c_oflag = t.raw.c_oflag;
  old.c_cflag = t.raw.c_cflag;
  old.c_lflag = t.raw.c_lflag;
  old.c_line = t.raw.c_line;
  for (unsigned i = 0; i < NCCS; ++i) old.c_cc[i] = t.raw.c_cc[i];
  return old;
}

Termios from_old(Termios base, const uapi::termios& old) {
  base.raw.c_iflag = old.c_iflag;
  base.raw.c_oflag = old.c_oflag;
  base.raw.c_cflag = old.c_cflag;
  base.raw.c_lflag = old.c_lflag;
  base.raw.c_line = old.c_line;
  for (unsigned i = 0; i < NCCS; ++i) base.raw.c_cc[i] = old.c_cc[i];
  return base;
}

struct OldLayout {  // struct termios has padding after c_cc: copied out byte for byte, zeroed first
  std::array<std::byte, sizeof(uapi::termios)> bytes{};
};

}  // namespace

Result<long> Tty::ioctl(unsigned command, IoctlArg arg) {
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
    case TIOCSCTTY:
    case TIOCNOTTY:
    case TIOCGPGRP:
    case TIOCSPGRP:
    case TIOCGSID:
      return session_ioctl(command, arg);
    default:
      return device_ioctl(command, arg);
  }
}

Result<long> Tty::termios_ioctl(unsigned command, IoctlArg arg) {
  Termios now{};
  {
    Locked s{state_};
    now = s->line.termios();
  }
  if (command == TCGETS) {
    const uapi::termios old = to_old(now);
    OldLayout out;
    std::copy_n(reinterpret_cast<const std::byte*>(&old), out.bytes.size(), out.bytes.begin());
    TRY(arg.write(out.bytes));
    return 0;
  }
  if (command == TCGETS2) {
    TRY(arg.write(now.raw));
    return 0;
  }
  const bool is_new = command == TCSETS2 || command == TCSETSW2 || command == TCSETSF2;
  if (is_new) {
    now.raw = TRY(arg.read<uapi::termios2>());
  } else {
    now = from_old(now, TRY(arg.read<uapi::termios>()));
  }
  TRY(apply_termios(now, command));
  return 0;
}

Result<void> Tty::apply_termios(const Termios& t, unsigned command) {
  TRY(job_control().check_access(*this, TtyAccess::change));
  const bool drain = command != TCSETS && command != TCSETS2;
  if (drain) TRY(wait_output_drained());
  {
    Locked s{state_};
    if (command == TCSETSF || command == TCSETSF2) s->line.flush_input();
    s->line.set_termios(t);
  }
  readable_.wake_all(sync::kReadable);  // what counts as readable may have changed
  return {};
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

Result<long> Tty::flush(unsigned which) {
  if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH) return err(Errno::inval);
  Locked s{state_};
  if (which != TCOFLUSH) s->line.flush_input();
  if (which != TCIFLUSH) device_.discard_output();
  return 0;
}

Result<long> Tty::device_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case TIOCGWINSZ: {
      uapi::winsize w{};
      {
        Locked s{state_};
        w = s->window;
      }
      TRY(arg.write(w));
      return 0;
    }
    case TIOCSWINSZ:
      return set_window(TRY(arg.read<uapi::winsize>()));
    case TCFLSH:
      return flush(static_cast<unsigned>(arg.value()));
    case TCSBRK:
    case TCSBRKP:
      TRY(wait_output_drained());
      return 0;
    case TCXONC:
      return flow(static_cast<unsigned>(arg.value()));
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
    case TIOCSTI:
      return inject(TRY(arg.read<char>()));
    default:
      return err(Errno::notty);
  }
}

Result<long> Tty::flow(unsigned action) {
  switch (action) {
    case TCOOFF:
    case TCOON: {
      Locked s{state_};
      device_.set_stopped(action == TCOOFF);
      return 0;
    }
    case TCIOFF:
    case TCION: {
      char c = 0;
      {
        Locked s{state_};
        c = static_cast<char>(s->line.termios().raw.c_cc[action == TCIOFF ? VSTOP : VSTART]);
      }
      if (c != 0) (void)device_.transmit({&c, 1});
      return 0;
    }
    default:
      return err(Errno::inval);
  }
}

Result<long> Tty::inject(char c) {
  if (job_control().controlling_terminal().get() != this) return err(Errno::perm);
  receive_now({&c, 1});
  return 0;
}

}  // namespace k::drivers
