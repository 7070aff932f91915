/// The device behind a terminal, as the terminal sees it.
///
/// Invariants  no name here is one of LinePort's: an object that is a terminal and its device would answer both with one.
///             transmit takes exactly what room() promised while the terminal's lock is held.
/// Lock order  called with Rank::tty held or without a lock; the implementation's own locks come behind it.
/// Context     task context.
/// Source      termios(3), ioctl_tty(2).
#pragma once

#include <cstddef>
#include <span>

#include "drivers/tty/termios.h"
#include "kernel/lib/result.h"

namespace k::drivers {

class TtyDevice {
 public:
  /// Accepts what fits now and returns how much; calls Tty::output_ready() when more fits after a short count.
  virtual std::size_t transmit(std::span<const char> bytes) = 0;
  virtual std::size_t room() = 0;
  /// Bytes accepted and not yet sent: what tcdrain(3) waits for.
  virtual std::size_t pending_output() = 0;
  virtual void discard_sent() = 0;
  virtual void hold_sending(bool stopped) = 0;

  // What only the other end of a pseudo-terminal wants to know.
  virtual bool is_pseudo() const { return false; }
  /// The other end is gone: a reader that waits gets EIO instead of end of file.
  virtual bool is_cut_off() const { return false; }
  /// An open file description of the terminal comes; EIO refuses it.
  virtual Result<void> opened() { return {}; }
  virtual void closed() {}
  /// `to` is about to replace `from`: what the device cannot do is corrected in it.
  virtual void adapt_settings(const Termios& /*from*/, Termios& /*to*/) {}
  virtual void on_input_flushed() {}

 protected:
  ~TtyDevice() = default;
};

}  // namespace k::drivers
