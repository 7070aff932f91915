/// A terminal: line discipline, device, waiting readers and writers, and the session it controls.
///
/// Invariants  characters go device -> raw ring (interrupt) -> worker thread -> line discipline (mutex) -> reader. Output
///             goes writer -> output processing -> device, one write(2) at a time. The session knows its foreground group.
/// Lock order  Rank::tty_write, Rank::tty, then Rank::tty_input and the driver's Rank::uart.
/// Context     received() and output_ready(): interrupt; everything else task context.
/// Errors      as read(2), write(2), ioctl_tty(2).
/// Source      termios(3), ioctl_tty(2), credentials(7).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <asm/termios.h>
#include "drivers/core/tty_owner.h"

#include "drivers/tty/line_discipline.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/wait_queue.h"

namespace k::drivers {

/// The output side of a terminal's device.
class TtyDevice {
 public:
  /// Accepts what fits now and returns how much; calls Tty::output_ready() when more fits after a short count.
  virtual std::size_t transmit(std::span<const char> bytes) = 0;
  /// Bytes accepted and not yet sent.
  virtual std::size_t pending_output() = 0;
  virtual void discard_output() = 0;
  virtual void set_stopped(bool stopped) = 0;

 protected:
  ~TtyDevice() = default;
};

/// When a terminal was opened: a hang-up behind that ends the opening. The console's does not end.
struct TtyOpening {
  std::uint32_t hangups;
  bool for_good;
};

class Tty final : public Terminal, private LinePort {
 public:
  Tty(TtyDevice& device, std::uint32_t device_number)
      : device_(device), device_number_(device_number), state_(static_cast<LinePort&>(*this)) {}
  /// Starts the worker thread, named after the terminal.
  Result<void> start(const char* name);

  TtyOpening opening(bool for_good) const { return {hangups_.load(std::memory_order_acquire), for_good}; }
  bool ended(const TtyOpening& by) const {
    return !by.for_good && hangups_.load(std::memory_order_acquire) != by.hangups;
  }

  /// 0, or EIO for a write, when `by` ends meanwhile.
  Result<std::size_t> read(IoBuffer& to, bool nonblock, const TtyOpening& by);
  Result<std::size_t> write(IoBuffer& from, bool nonblock, const TtyOpening& by);
  sync::PollEvents poll(sync::PollTable* table);
  Result<long> ioctl(unsigned command, IoctlArg arg);

  // From the device.
  void received(std::span<const char> bytes);
  void received_break();
  void output_ready();

  // Terminal
  std::uint32_t device_number() const override { return device_number_; }
  RefOrNull<TtySession> session() const override;
  void set_session(RefOrNull<TtySession> session) override;
  void hang_up() override;

 private:
  struct State {
    explicit State(LinePort& port) : line(port) {}
    LineDiscipline line;
    uapi::winsize window{};
  };
  struct RawInput {
    static constexpr std::size_t kCapacity = 4096;
    std::array<char, kCapacity> bytes;
    std::uint32_t head = 0, tail = 0;
    bool break_seen = false;
    std::size_t size() const { return head - tail; }
  };

  // LinePort: called with state_ held.
  void echo(std::span<const char> bytes) override;
  void raise(int signal) override;
  void set_stopped(bool stopped) override { device_.set_stopped(stopped); }
  void discard_output() override { device_.discard_output(); }

  static void worker_main(void* self);
  [[noreturn]] void worker();
  bool move_input();
  void receive_now(std::span<const char> bytes);

  /// SIGTTOU for a background writer when TOSTOP says so.
  Result<void> check_write_access();
  Result<std::size_t> read_raw(IoBuffer& to, bool nonblock, unsigned min, unsigned tenths, const TtyOpening& by);
  Result<std::size_t> take(IoBuffer& to);
  bool readable(std::size_t min);
  Result<void> send_all(std::span<const char> bytes, bool nonblock, const TtyOpening& by, std::size_t& sent);
  Result<void> wait_output_drained();

  Result<long> termios_ioctl(unsigned command, IoctlArg arg);
  Result<void> apply_termios(const Termios& t, unsigned command);
  Result<long> session_ioctl(unsigned command, IoctlArg arg);
  Result<long> device_ioctl(unsigned command, IoctlArg arg);
  Result<long> set_window(const uapi::winsize& w);
  Result<long> flush(unsigned which);
  Result<long> flow(unsigned action);
  Result<long> inject(char c);

  TtyDevice& device_;
  const std::uint32_t device_number_;
  sync::Mutex<sync::Rank::tty_write> write_turn_;
  mutable sync::Guarded<State, sync::Rank::tty> state_;
  sync::SpinGuarded<RawInput, sync::Rank::tty_input> raw_;
  mutable sync::SpinGuarded<RefOrNull<TtySession>, sync::Rank::tty_input> session_;
  std::atomic<std::uint32_t> hangups_{0};
  sync::WaitQueue input_arrived_;  // the worker waits here
  sync::WaitQueue readable_, writable_;
};

}  // namespace k::drivers
