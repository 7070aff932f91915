// Reading and writing.
#include "drivers/tty/tty.h"

#include <algorithm>

namespace k::drivers {

using sync::Locked;

namespace {
constexpr std::size_t kChunk = 512;
constexpr std::uint64_t kTenthNs = 100'000'000;
}  // namespace

Tty::Tty(TtyDevice& device, std::uint32_t device_number, const Termios& settings)
    : device_(device),
      device_number_(device_number),
      settings_at_first_(settings),
      state_(static_cast<LinePort&>(*this), settings) {}

Result<void> Tty::file_opened(bool privileged) {
  if (exclusive_.load(std::memory_order_relaxed) && !privileged) return err(Errno::busy);
  return device_.opened();
}

// ---- reading

bool Tty::readable(std::size_t min) {
  Locked s{state_};
  return s->line.readable(min);
}

Result<std::size_t> Tty::take(IoBuffer& to) {
  Locked s{state_};
  const auto taken = s->line.take(to);
  move_input(*s);
  return taken;
}

/// What a reader gets whose opening ended while it waited.
Result<std::size_t> Tty::end_of_input() const {
  if (device_.is_cut_off()) return err(Errno::io);
  return std::size_t{0};
}

Result<std::size_t> Tty::read(IoBuffer& to, bool nonblock, const TtyOpening& by) {
  TRY(job_control().check_access(*this, TtyAccess::read));
  unsigned min = 1, tenths = 0;
  bool canonical = true;
  {
    Locked s{state_};
    canonical = s->line.termios().canonical();
    min = s->line.termios().min();
    tenths = s->line.termios().time_tenths();
  }
  if (to.empty()) return std::size_t{0};
  if (!canonical) return read_raw(to, nonblock, min, tenths, by);
  if (!readable(1)) {
    if (nonblock) return err(Errno::again);
    TRY(readable_.wait_until([&] { return readable(1) || ended(by); }));
    if (ended(by)) return end_of_input();
  }
  return take(to);
}

/// Noncanonical mode: the four cases of MIN and TIME (POSIX 11.1.7).
Result<std::size_t> Tty::read_raw(IoBuffer& to, bool nonblock, unsigned min, unsigned tenths, const TtyOpening& by) {
  const std::size_t wanted = std::min<std::size_t>(min, to.remaining());
  const auto ready = [&](std::size_t bytes) { return readable(bytes) || ended(by); };
  if (nonblock) {
    const std::size_t moved = TRY(take(to));
    if (moved == 0) return err(Errno::again);
    return moved;
  }
  if (tenths == 0) {
    if (wanted > 0 && !readable(wanted)) TRY(readable_.wait_until([&] { return ready(wanted); }));
  } else if (min == 0) {  // TIME counts from the call
    const auto deadline = Deadline::after(tenths * kTenthNs);
    const auto waited = readable_.wait_until([&] { return ready(1); }, deadline);
    if (!waited && waited.error() != Errno::timedout) return err(waited.error());
  } else {  // TIME counts between bytes
    TRY(readable_.wait_until([&] { return ready(1); }));
    for (std::size_t have = 1; !ready(wanted); ++have) {
      const auto deadline = Deadline::after(tenths * kTenthNs);
      if (!readable_.wait_until([&] { return ready(have + 1); }, deadline)) break;  // the pause, or a signal
    }
  }
  if (ended(by)) return end_of_input();
  return take(to);
}

// ---- writing

Result<std::size_t> Tty::write(IoBuffer& from, bool nonblock, const TtyOpening& by) {
  TRY(check_write_access());
  const Turn::Held turn = TRY(write_turn_.take(nonblock));
  std::array<char, kChunk> in;
  std::size_t written = 0;
  while (!from.empty()) {
    const auto n = from.copy_out(in.data(), in.size());
    if (!n) return written > 0 ? Result<std::size_t>{written} : err(n.error());
    std::size_t sent = 0;
    const auto done = send_all({in.data(), *n}, nonblock, by, sent);
    written += sent;
    if (!done) return written > 0 ? Result<std::size_t>{written} : err(done.error());
  }
  return written;
}

/// As much of `bytes` as the device has room for. Room is asked for and used under the lock: echo takes some of it, too.
std::size_t Tty::send_some(std::span<const char> bytes) {
  std::array<char, kChunk> out;
  Locked s{state_};
  send_held_echo(*s);
  if (!s->echo.empty()) return 0;
  const auto done = s->line.process_output(bytes, {out.data(), std::min(out.size(), device_.room())});
  (void)device_.transmit({out.data(), done.produced});
  return done.consumed;
}

Result<void> Tty::send_all(std::span<const char> bytes, bool nonblock, const TtyOpening& by, std::size_t& sent) {
  while (sent < bytes.size()) {
    std::size_t now = send_some(bytes.subspan(sent));
    if (now == 0) {
      if (nonblock) return err(Errno::again);
      TRY(writable_.wait_until([&] { return ended(by) || (now = send_some(bytes.subspan(sent))) > 0; }));
      if (ended(by)) return err(Errno::io);
    }
    sent += now;
  }
  return {};
}

void Tty::send_held_echo(State& s) {
  while (!s.echo.empty()) {
    const std::size_t n = device_.transmit(s.echo.front());
    if (n == 0) return;
    s.echo.drop_front(n);
  }
}

void Tty::send_held_echo() {
  Locked s{state_};
  send_held_echo(*s);
}

Result<void> Tty::wait_output_drained() {
  return writable_.wait_until([this] { return device_.pending_output() == 0; });
}

sync::PollEvents Tty::poll(sync::PollTable* table) {
  if (table != nullptr) {
    table->watch(readable_);
    table->watch(writable_);
  }
  sync::PollEvents ready;
  Locked s{state_};
  if (device_.room() > 0) ready = ready | sync::kWritable;
  const Termios& t = s->line.termios();
  const std::size_t min = t.canonical() || t.time_tenths() != 0 || t.min() == 0 ? 1 : t.min();
  if (s->line.readable(min)) ready = ready | sync::kReadable;
  return ready;
}

}  // namespace k::drivers
