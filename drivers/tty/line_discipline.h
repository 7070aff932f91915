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
  /// Input that nobody read was thrown away.
  virtual void input_flushed() = 0;

 protected:
  ~LinePort() = default;
};

class LineDiscipline {
 public:
  explicit LineDiscipline(LinePort& port, const Termios& settings = Termios::initial())
      : port_(port), termios_(settings) {}

  const Termios& termios() const { return termios_; }
  void set_termios(const Termios& t);

  /// How many characters receive() takes now without losing one. An unfinished line that fills the queue is cut, never held up.
  std::size_t room() const;
  /// One character from the device.
  void receive(char c);
  /// The line dropped (serial break): SIGINT under BRKINT, else a NUL.
  void receive_break();

  /// True when a read would return now, wanting `min` bytes in noncanonical mode.
  bool readable(std::size_t min) const;
  std::size_t available() const;
  /// Moves what one read(2) may return now: a line or its rest, or raw bytes. 0 is end of file (canonical) or nothing.
  Result<std::size_t> take(IoBuffer& to);
  void flush_input();

  /// tcflow(3): TCOOFF (true) holds output whatever flow control characters come; TCOON lets it go.
  void hold_output(bool hold);

  /// What process_output made of its input.
  struct Processed {
    std::size_t consumed, produced;
  };
  /// Processes for output as much of `in` as fits into `out`, a character wholly or not at all.
  Processed process_output(std::span<const char> in, std::span<char> out);

 private:
  bool receive_flow_control(char c);
  bool receive_signal(char c);
  void receive_canonical(char c);
  bool receive_editing(char c);
  void receive_raw(char c);
  bool ends_line(char c) const;
  void finish_line(char c);
  void store(char c);

  enum class Erase : std::uint8_t { character, word, line };
  void erase_character(Erase part);
  void erase_word();
  void kill_line();
  void erase_echo(std::span<const char> removed, Erase part);
  void show_erased(std::span<const char> removed);
  void finish_erasing();
  void wipe_tab();
  void push(char c);
  void reprint();
  void echo_input(char c);
  void echo_text(std::span<const char> text);
  void ring_bell();

  void stop_output();
  void restart_output();
  static constexpr std::size_t kWorstExpansion = 8;  // a tab
  std::size_t output_one(char c, char* out);

  LinePort& port_;
  Termios termios_;
  InputQueue queue_;
  std::size_t column_ = 0;
  bool literal_next_ = false;
  bool erasing_ = false;  // ECHOPRT: within \...\/
  bool stopped_ = false;
  bool held_ = false;  // by hold_output
};

}  // namespace k::drivers
