/// A terminal: line discipline, device, waiting readers and writers, and the session it controls.
///
/// Invariants  characters go device -> raw ring -> line discipline (mutex) -> reader; whoever makes room for more, a reader or
///             the device, moves them on, so none is lost while the ring has room. Output goes writer -> output processing ->
///             device, one write(2) at a time. The session knows its foreground group.
/// Lock order  Rank::tty, then Rank::tty_input and the device's own.
/// Context     received() and output_ready(): interrupt; everything else task context.
/// Errors      as read(2), write(2), ioctl_tty(2).
/// Source      termios(3), ioctl_tty(2), credentials(7).
#pragma once

#include <array>
#include <span>

#include <asm/termios.h>
#include "drivers/core/tty_owner.h"

#include "drivers/tty/echo_queue.h"
#include "drivers/tty/line_discipline.h"
#include "drivers/tty/tty_device.h"
#include "drivers/tty/turn.h"
#include "fs/vfs/async_notice.h"
#include "fs/vfs/file.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/wait_queue.h"

namespace k::drivers {

/// When a terminal was opened: a hang-up behind that ends the opening. The console's does not end.
struct TtyOpening {
  std::uint32_t hangups;
  bool for_good;
};

/// The open file description that an ioctl came through.
struct TtyCaller {
  bool readable;
};

class Tty : public Terminal, private LinePort {
 public:
  Tty(TtyDevice& device, std::uint32_t device_number, const Termios& settings = Termios::initial());
  /// Starts the thread that moves what received() brings, named after the terminal. For devices with interrupts.
  Result<void> start(const char* name);

  TtyOpening opening(bool for_good) const { return {hangups_.load(std::memory_order_acquire), for_good}; }
  bool ended(const TtyOpening& by) const {
    return !by.for_good && hangups_.load(std::memory_order_acquire) != by.hangups;
  }
  /// An open file description comes and goes. BUSY: somebody holds the terminal alone (TIOCEXCL).
  Result<void> file_opened(bool privileged);
  void file_closed() { device_.closed(); }

  /// 0, or EIO for a write, when `by` ends meanwhile.
  Result<std::size_t> read(IoBuffer& to, bool nonblock, const TtyOpening& by);
  Result<std::size_t> write(IoBuffer& from, bool nonblock, const TtyOpening& by);
  sync::PollEvents poll(sync::PollTable* table);
  /// The foreground group is told unless somebody was named.
  fs::AsyncPlaces async_places();
  Result<long> ioctl(unsigned command, IoctlArg arg, TtyCaller caller);
  /// What both ends of a pseudo-terminal ask about this one: settings, window. NOTTY for anything else.
  Result<long> shared_ioctl(unsigned command, IoctlArg arg);
  Result<long> session_ioctl(unsigned command, IoctlArg arg, TtyCaller caller);
  Result<long> set_foreground(IoctlArg arg);

  // From the device.
  void received(std::span<const char> bytes);
  void received_break();
  void output_ready();
  /// As received(), from task context and through the line discipline at once; returns how much was taken.
  std::size_t offer_input(std::span<const char> bytes);
  std::size_t input_room();
  /// Woken when there is room for input again.
  sync::WaitQueue& input_taken() { return input_taken_; }
  /// Throws away what the line discipline has not taken yet.
  void discard_raw_input();
  /// Sends echo that waited for room in the device.
  void send_held_echo();
  /// `signal` for the foreground process group.
  void raise(int signal) override;

  // Terminal
  std::uint32_t device_number() const override { return device_number_; }
  bool is_pseudo() const override { return device_.is_pseudo(); }
  RefOrNull<TtySession> session() const override;
  void set_session(RefOrNull<TtySession> session) override;
  void hang_up() override;

 private:
  struct State {
    State(LinePort& port, const Termios& settings) : line(port, settings) {}
    LineDiscipline line;
    EchoQueue echo;
    uapi::winsize window{};
  };
  struct RawInput {
    static constexpr std::size_t kCapacity = 8192;
    std::array<char, kCapacity> bytes;
    std::uint32_t head = 0, tail = 0;
    bool break_seen = false;
    std::size_t size() const { return head - tail; }
    std::size_t room() const { return kCapacity - size(); }
    std::size_t push(std::span<const char> in);
    std::size_t pop(std::span<char> out);
  };

  // LinePort: called with state_ held.
  void echo(std::span<const char> bytes) override;
  void set_stopped(bool stopped) override;
  void discard_output() override;
  void input_flushed() override { device_.on_input_flushed(); }

  void now_readable();
  static void worker_main(void* self);
  [[noreturn]] void worker();
  void move_input();
  void move_input(State& s);
  void receive_now(char c);

  /// SIGTTOU for a background writer when TOSTOP says so.
  Result<void> check_write_access();
  Result<std::size_t> read_raw(IoBuffer& to, bool nonblock, unsigned min, unsigned tenths, const TtyOpening& by);
  Result<std::size_t> take(IoBuffer& to);
  bool readable(std::size_t min);
  Result<std::size_t> end_of_input() const;
  std::size_t send_some(std::span<const char> bytes);
  Result<void> send_all(std::span<const char> bytes, bool nonblock, const TtyOpening& by, std::size_t& sent);
  void send_held_echo(State& s);
  Result<void> wait_output_drained();

  Result<long> termios_ioctl(unsigned command, IoctlArg arg);
  Result<void> apply_termios(const Termios& t, unsigned command);
  void install(State& s, const Termios& t);
  Result<long> output_ioctl(unsigned command, IoctlArg arg);
  Result<long> queue_ioctl(unsigned command, IoctlArg arg);
  Result<long> exclusive_ioctl(unsigned command, IoctlArg arg);
  Result<long> window(IoctlArg arg);
  Result<long> set_window(const uapi::winsize& w);
  Result<long> flush(unsigned which);
  Result<long> flow(unsigned action);
  Result<long> inject(IoctlArg arg);
  Result<long> hang_up_by_call();

  TtyDevice& device_;
  const std::uint32_t device_number_;
  const Termios settings_at_first_;
  Turn write_turn_;
  mutable sync::Guarded<State, sync::Rank::tty> state_;
  sync::SpinGuarded<RawInput, sync::Rank::tty_input> raw_;
  mutable sync::SpinGuarded<RefOrNull<TtySession>, sync::Rank::tty_input> session_;
  std::atomic<std::uint32_t> hangups_{0};
  std::atomic<bool> exclusive_{false};
  sync::WaitQueue input_arrived_;  // the worker waits here
  sync::WaitQueue input_taken_;    // and whoever has more input
  sync::WaitQueue readable_, writable_;
  fs::AsyncNotices async_;
};

}  // namespace k::drivers
