// The slave's side: what a terminal asks of its device.
#include "drivers/tty/pty/pty.h"

#include <asm/ioctls.h>
#include <asm/siginfo.h>

namespace k::drivers {

using sync::Locked;

namespace {

constexpr sync::PollEvents kHangup{sync::PollEvent::hup};
constexpr Termios kSlaveSettings = Termios::initial(B38400 | CS8 | CREAD);

/// ^S and ^Q stop and start output: then the master may act on them itself.
bool has_usual_flow_control(const Termios& t) {
  return t.input(IXON) && t.raw.c_cc[VSTOP] == 'S' - '@' && t.raw.c_cc[VSTART] == 'Q' - '@';
}

}  // namespace

Pty::Pty(Ref<fs::PtyEntry> entry)
    : Tty(static_cast<TtyDevice&>(*this), entry->device().encoded(), kSlaveSettings), entry_(std::move(entry)) {}

std::size_t Pty::transmit(std::span<const char> bytes) {
  std::size_t taken = 0;
  {
    Locked out{output_};
    taken = out->push(bytes);
  }
  if (taken > 0) {
    master_readable_.wake_all(sync::kReadable);
    master_async_.tell(POLL_IN);
  }
  return taken;
}

std::size_t Pty::room() {
  Locked out{output_};
  return out->room();
}

void Pty::discard_sent() {
  {
    Locked out{output_};
    out->discard();
  }
  tell_master(TIOCPKT_FLUSHWRITE, 0);
}

void Pty::on_input_flushed() { tell_master(TIOCPKT_FLUSHREAD, 0); }

void Pty::hold_sending(bool stopped) {
  {
    Locked out{output_};
    out->stopped = stopped;
  }
  if (stopped) {
    tell_master(TIOCPKT_STOP, TIOCPKT_START);
  } else {
    tell_master(TIOCPKT_START, TIOCPKT_STOP);
    output_ready();
  }
}

/// Status for a master in packet mode; nobody else hears of it.
void Pty::tell_master(unsigned set, unsigned clear) {
  {
    Locked out{output_};
    if (!out->packet_mode) return;
    out->status = static_cast<std::uint8_t>((out->status & ~clear) | set);
  }
  master_readable_.wake_all(sync::kReadable | sync::PollEvent::pri);
}

Result<void> Pty::opened() {
  if (master_gone_.load(std::memory_order_acquire) || locked_.load(std::memory_order_relaxed)) return err(Errno::io);
  Locked out{output_};
  ++out->slaves;
  out->slave_closed = false;
  return {};
}

void Pty::closed() {
  {
    Locked out{output_};
    if (--out->slaves > 0) return;
    out->slave_closed = true;
  }
  master_readable_.wake_all(sync::kReadable | kHangup);
}

/// A pseudo-terminal has eight bits and no parity. Source: Linux's behaviour, seen by tcgetattr(3).
void Pty::adapt_settings(const Termios& from, Termios& to) {
  to.raw.c_cflag = (to.raw.c_cflag & ~static_cast<uapi::tcflag_t>(CSIZE | PARENB)) | CS8 | CREAD;
  const bool was = has_usual_flow_control(from), is = has_usual_flow_control(to);
  if (was != is) tell_master(is ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP, TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
  if (from.local(EXTPROC) || to.local(EXTPROC)) tell_master(TIOCPKT_IOCTL, 0);
}

}  // namespace k::drivers
