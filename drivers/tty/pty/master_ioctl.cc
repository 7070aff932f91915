// ioctl_tty(2) on a master. Settings and window are the slave's; queues and flow control are the master's own.
#include <asm/ioctls.h>
#include <asm/signal.h>

#include "drivers/tty/pty/pty.h"

namespace k::drivers {

using sync::Locked;

Result<long> Pty::master_ioctl(unsigned command, IoctlArg arg, TtyCaller caller) {
  switch (command) {
    case TIOCGPTN:
    case TIOCSPTLCK:
    case TIOCGPTLCK:
    case TIOCPKT:
    case TIOCGPKT:
    case TIOCSIG:
      return pair_ioctl(command, arg);
    case TIOCSCTTY:
    case TIOCNOTTY:
    case TIOCGPGRP:
    case TIOCSPGRP:
    case TIOCGSID:
      return job_ioctl(command, arg, caller);
    default:
      if (const auto own = master_queue_ioctl(command, arg); own || own.error() != Errno::notty) return own;
      return shared_ioctl(command, arg);
  }
}

Result<long> Pty::pair_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case TIOCGPTN:
      TRY(arg.write(index()));
      return 0;
    case TIOCSPTLCK:
      locked_.store(TRY(arg.read<int>()) != 0, std::memory_order_relaxed);
      return 0;
    case TIOCGPTLCK:
      TRY(arg.write(int{locked_.load(std::memory_order_relaxed)}));
      return 0;
    case TIOCPKT:
      return set_packet_mode(TRY(arg.read<int>()) != 0);
    case TIOCGPKT: {
      bool on = false;
      {
        Locked out{output_};
        on = out->packet_mode;
      }
      TRY(arg.write(int{on}));
      return 0;
    }
    default:
      return signal_slave(static_cast<int>(arg.value()));
  }
}

Result<long> Pty::set_packet_mode(bool on) {
  Locked out{output_};
  if (on && !out->packet_mode) out->status = 0;
  out->packet_mode = on;
  return 0;
}

Result<long> Pty::signal_slave(int signal) {
  if (signal != SIGINT && signal != SIGQUIT && signal != SIGTSTP) return err(Errno::inval);
  raise(signal);
  return 0;
}

/// A master controls nobody, but tells whom its slave controls.
Result<long> Pty::job_ioctl(unsigned command, IoctlArg arg, TtyCaller caller) {
  const RefOrNull<TtySession> controlled = session();
  switch (command) {
    case TIOCNOTTY:
      return err(Errno::notty);
    case TIOCGPGRP:
      TRY(arg.write<pid_t>(controlled ? controlled->foreground() : 0));
      return 0;
    case TIOCGSID:
      if (!controlled) return err(Errno::notty);
      TRY(arg.write<pid_t>(controlled->id()));
      return 0;
    default:
      return session_ioctl(command, arg, caller);
  }
}

Result<long> Pty::master_queue_ioctl(unsigned command, IoctlArg arg) {
  switch (command) {
    case FIONREAD: {
      int n = 0;
      {
        Locked out{output_};
        n = static_cast<int>(out->size());
      }
      TRY(arg.write(n));
      return 0;
    }
    case TIOCOUTQ:
      TRY(arg.write(0));
      return 0;
    case TCFLSH:
      return master_flush(static_cast<unsigned>(arg.value()));
    case TCXONC:
      return master_flow(static_cast<unsigned>(arg.value()));
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
      return 0;
    default:
      return err(Errno::notty);
  }
}

/// TCIFLUSH: what the slave sent. TCOFLUSH: what the slave has not begun to look at.
Result<long> Pty::master_flush(unsigned which) {
  if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH) return err(Errno::inval);
  if (which != TCOFLUSH) {
    {
      Locked out{output_};
      out->clear();
    }
    output_ready();
  }
  if (which != TCIFLUSH) discard_raw_input();
  return 0;
}

Result<long> Pty::master_flow(unsigned action) {
  switch (action) {
    case TCOOFF:
      master_held_.store(true, std::memory_order_release);
      return 0;
    case TCOON:
      master_held_.store(false, std::memory_order_release);
      input_taken().wake_all(sync::kWritable);
      return 0;
    case TCIOFF:
    case TCION: {
      const char c = static_cast<char>(Termios::initial().raw.c_cc[action == TCIOFF ? VSTOP : VSTART]);
      (void)offer_input({&c, 1});
      return 0;
    }
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::drivers
