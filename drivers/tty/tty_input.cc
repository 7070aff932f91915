// The way from the device to the line discipline.
#include "drivers/tty/tty.h"

#include <asm/siginfo.h>

#include <algorithm>

#include "kernel/sched/sched.h"

namespace k::drivers {

using sync::Locked;

std::size_t Tty::RawInput::push(std::span<const char> in) {
  const std::size_t n = std::min(in.size(), room());
  for (std::size_t i = 0; i < n; ++i) bytes[head++ % kCapacity] = in[i];
  return n;
}

std::size_t Tty::RawInput::pop(std::span<char> out) {
  const std::size_t n = std::min(out.size(), size());
  for (std::size_t i = 0; i < n; ++i) out[i] = bytes[tail++ % kCapacity];
  return n;
}

Result<void> Tty::start(const char* name) {
  TRY(sched::spawn_kernel_thread(name, worker_main, this));
  return {};
}

/// What does not fit is lost, as by an overrun of the wire.
void Tty::received(std::span<const char> bytes) {
  {
    Locked raw{raw_};
    (void)raw->push(bytes);
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

/// Sleeps while there is nothing to move or no room to move it to; a reader that makes room moves on itself.
[[noreturn]] void Tty::worker() {
  std::uint32_t seen = 0;
  for (;;) {
    input_arrived_.wait_uninterruptible([&] {
      Locked raw{raw_};
      return raw->head != std::exchange(seen, raw->head) || raw->break_seen;
    });
    move_input();
  }
}

std::size_t Tty::offer_input(std::span<const char> bytes) {
  std::size_t taken = 0;
  {
    Locked raw{raw_};
    taken = raw->push(bytes);
  }
  move_input();
  return taken;
}

std::size_t Tty::input_room() {
  Locked raw{raw_};
  return raw->room();
}

void Tty::move_input() {
  Locked s{state_};
  move_input(*s);
}

/// As much as the line discipline takes without loss. Taken from the ring and received under one lock, so in order.
void Tty::move_input(State& s) {
  std::array<char, 256> batch;
  bool moved = false;
  for (;;) {
    const std::size_t room = std::min(batch.size(), s.line.room());
    std::size_t n = 0;
    bool was_break = false;
    {
      Locked raw{raw_};
      n = raw->pop({batch.data(), room});
      was_break = std::exchange(raw->break_seen, false);
    }
    if (was_break) s.line.receive_break();
    for (std::size_t i = 0; i < n; ++i) s.line.receive(batch[i]);
    if (n == 0) break;
    moved = true;
  }
  if (!moved) return;
  input_taken_.wake_all(sync::kWritable);
  if (s.line.readable(1)) now_readable();
}

void Tty::now_readable() {
  readable_.wake_all(sync::kReadable);
  async_.tell(POLL_IN);
}

fs::AsyncPlaces Tty::async_places() {
  const auto controlled = session();
  return {.first = &async_, .has_default_owner = true, .default_group = controlled ? controlled->foreground() : 0};
}

void Tty::discard_raw_input() {
  {
    Locked raw{raw_};
    raw->tail = raw->head;
  }
  input_taken_.wake_all(sync::kWritable);
}

/// Past the ring, as TIOCSTI wants it.
void Tty::receive_now(char c) {
  bool is_readable = false;
  {
    Locked s{state_};
    s->line.receive(c);
    is_readable = s->line.readable(1);
  }
  if (is_readable) now_readable();
}

// ---- LinePort: the line discipline calls from under state_, which Locked cannot say again.

void Tty::echo(std::span<const char> bytes) {
  State& s = state_.unguarded();
  std::size_t sent = 0;
  if (s.echo.empty()) sent = device_.transmit(bytes);
  s.echo.push(bytes.subspan(sent));
}

void Tty::set_stopped(bool stopped) {
  device_.hold_sending(stopped);
  if (!stopped) send_held_echo(state_.unguarded());
}

void Tty::discard_output() {
  state_.unguarded().echo.clear();
  device_.discard_sent();
}

}  // namespace k::drivers
