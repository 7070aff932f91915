/// N_TTY: what a terminal does with the characters that arrive and leave.
///
/// Invariants  pure: bytes, settings and a LinePort in; no lock, no thread, no hardware. In canonical mode nothing is
///             readable before its line ends; in noncanonical mode everything is, at once.
/// Context     the owner's lock; LinePort's functions are called with it held.
/// Errors      take: EFAULT from the destination.
/// Source      termios(3); POSIX.1-2017 11.1.5 to 11.1.9.
#pragma once

#include <cstddef>
#include <span>

#include "drivers/tty/input_queue.h"
#include "drivers/tty/termios.h"
#include "mm/user/io_buffer.h"

namespace k::drivers {

/// The device and the processes, as the line discipline needs them.
class LinePort {
 public:
  /// Echo: bytes for the device, already processed; what does not fit is lost.
  virtual void echo(std::span<const char> bytes) = 0;
  /// `signal` for the foreground process group.
  virtual void raise(int signal) = 0;
  /// Output stopped (true) or restarted by flow control characters.
  virtual void set_stopped(bool stopped) = 0;
  virtual void discard_output() = 0;

 protected:
  ~LinePort() = default;
};

class LineDiscipline {
 public:
  explicit LineDiscipline(LinePort& port) : port_(port) {}

  const Termios& termios() const { return termios_; }
  void set_termios(const Termios& t);

  /// One character from the device.
  void receive(char c);
  /// The line dropped (serial break): SIGINT under BRKINT, else a NUL.
  void receive_break();

  /// True when a read would return now, wanting `min` bytes in noncanonical mode.
  bool readable(std::size_t min) const;
  std::size_t available() const;
  /// Moves what one read(2) may return now: a line or its rest, or raw bytes. 0 is end of file (canonical) or nothing.
  Result<std::size_t> take(IoBuffer& to);
  void flush_input() { queue_.clear(); }

  /// Processes `in` for output into `out` (which is at least eight times as long: a tab is eight columns); returns bytes written.
  std::size_t process_output(std::span<const char> in, std::span<char> out);

 private:
  bool receive_flow_control(char c);
  bool receive_signal(char c);
  void receive_canonical(char c);
  bool receive_editing(char c);
  void receive_raw(char c);
  bool ends_line(char c) const;
  void finish_line(char c);
  void store(char c);

  void erase_character();
  void erase_word();
  void kill_line();
  void erase_echo(char removed);
  void reprint();
  void echo_input(char c);
  void echo_text(std::span<const char> text);
  void ring_bell();

  std::size_t output_one(char c, char* out);

  LinePort& port_;
  Termios termios_ = Termios::initial();
  InputQueue queue_;
  std::size_t column_ = 0;
  bool literal_next_ = false;
  bool stopped_ = false;
};

}  // namespace k::drivers
