// Reading, writing and the way in from the device.
#include "drivers/tty/tty.h"

#include <asm/signal.h>

#include <algorithm>

#include "kernel/sched/sched.h"

namespace k::drivers {

using sync::Locked;

namespace {
constexpr std::size_t kChunk = 256;
constexpr std::size_t kWorstExpansion = 8;  // a tab
constexpr std::uint64_t kTenthNs = 100'000'000;
}  // namespace

Result<void> Tty::start(const char* name) {
  TRY(sched::spawn_kernel_thread(name, worker_main, this));
  return {};
}

// ---- device to line discipline

void Tty::received(std::span<const char> bytes) {
  {
    Locked raw{raw_};
    for (const char c : bytes) {
      if (raw->size() == RawInput::kCapacity) break;  // the line was not read fast enough: as an overrun
      raw->bytes[raw->head++ % RawInput::kCapacity] = c;
    }
  }
  input_arrived_.wake_one();
}

void Tty::received_break() {
  {
    Locked raw{raw_};
    raw->break_seen = true;
  }
  input_arrived_.wake_one();
}

void Tty::output_ready() { writable_.wake_all(sync::kWritable); }

void Tty::worker_main(void* self) { static_cast<Tty*>(self)->worker(); }

[[noreturn]] void Tty::worker() {
  for (;;) {
    input_arrived_.wait_uninterruptible([this] {
      Locked raw{raw_};
      return raw->size() > 0 || raw->break_seen;
    });
    while (move_input()) {
    }
  }
}

/// One batch from the raw ring through the line discipline; false when there was none.
bool Tty::move_input() {
  std::array<char, kChunk> batch;
  std::size_t n = 0;
  bool was_break = false;
  {
    Locked raw{raw_};
    while (n < batch.size() && raw->size() > 0) batch[n++] = raw->bytes[raw->tail++ % RawInput::kCapacity];
    was_break = std::exchange(raw->break_seen, false);
  }
  if (n == 0 && !was_break) return false;
  if (was_break) {
    Locked s{state_};
    s->line.receive_break();
  }
  receive_now({batch.data(), n});
  return true;
}

/// Through the line discipline. A caller's bytes and those of the wire come in any order, each whole.
void Tty::receive_now(std::span<const char> bytes) {
  bool now_readable = false;
  {
    Locked s{state_};
    for (const char c : bytes) s->line.receive(c);
    now_readable = s->line.readable(1);
  }
  if (now_readable) readable_.wake_all(sync::kReadable);
}

void Tty::echo(std::span<const char> bytes) { (void)device_.transmit(bytes); }

// ---- reading

bool Tty::readable(std::size_t min) {
  Locked s{state_};
  return s->line.readable(min);
}

Result<std::size_t> Tty::take(IoBuffer& to) {
  Locked s{state_};
  return s->line.take(to);
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
    if (ended(by)) return std::size_t{0};
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
  if (ended(by)) return std::size_t{0};
  return take(to);
}

// ---- writing

Result<std::size_t> Tty::write(IoBuffer& from, bool nonblock, const TtyOpening& by) {
  TRY(check_write_access());
  sync::LockHeld turn{write_turn_};
  std::array<char, kChunk> in;
  std::array<char, kChunk * kWorstExpansion> out;
  std::size_t written = 0;
  while (!from.empty()) {
    const auto n = from.copy_out(in.data(), in.size());
    if (!n) return written > 0 ? Result<std::size_t>{written} : err(n.error());
    std::size_t length = 0, sent = 0;
    {
      Locked s{state_};
      length = s->line.process_output({in.data(), *n}, out);
    }
    const auto done = send_all({out.data(), length}, nonblock, by, sent);
    if (!done) {
      // What the device took of this chunk counts in proportion only when nothing was expanded; otherwise the chunk
      // is reported as written once any of it was, because its bytes are on their way.
      if (sent > 0) written += *n;
      return written > 0 ? Result<std::size_t>{written} : err(done.error());
    }
    written += *n;
  }
  return written;
}

Result<void> Tty::send_all(std::span<const char> bytes, bool nonblock, const TtyOpening& by, std::size_t& sent) {
  while (sent < bytes.size()) {
    sent += device_.transmit(bytes.subspan(sent));
    if (sent == bytes.size()) break;
    if (nonblock) return err(Errno::again);
    std::size_t more = 0;
    TRY(writable_.wait_until([&] { return ended(by) || (more = device_.transmit(bytes.subspan(sent))) > 0; }));
    if (ended(by)) return err(Errno::io);
    sent += more;
  }
  return {};
}

Result<void> Tty::wait_output_drained() {
  return writable_.wait_until([this] { return device_.pending_output() == 0; });
}

sync::PollEvents Tty::poll(sync::PollTable* table) {
  if (table != nullptr) {
    table->watch(readable_);
    table->watch(writable_);
  }
  sync::PollEvents ready = sync::kWritable;
  Locked s{state_};
  const Termios& t = s->line.termios();
  const std::size_t min = t.canonical() || t.time_tenths() != 0 || t.min() == 0 ? 1 : t.min();
  if (s->line.readable(min)) ready = ready | sync::kReadable;
  return ready;
}

}  // namespace k::drivers
