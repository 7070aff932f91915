// The master's side: reading, writing, the end.
#include <asm/ioctls.h>

#include "drivers/tty/pty/pty.h"

namespace k::drivers {

using sync::Locked;

namespace {
constexpr std::size_t kChunk = 512;
}

/// What a read may return now; nothing when it would wait.
Result<std::optional<std::size_t>> Pty::try_master_read(IoBuffer& to) {
  Locked out{output_};
  if (out->packet_mode && out->status != 0) {
    TRY(to.copy_in(&out->status, 1));
    out->status = 0;
    return std::size_t{1};
  }
  if (out->size() == 0) {
    if (out->slave_closed) return err(Errno::io);
    return std::nullopt;
  }
  std::size_t moved = 0;
  if (out->packet_mode) {
    constexpr std::uint8_t kData = TIOCPKT_DATA;
    moved = TRY(to.copy_in(&kData, 1));
  }
  const auto data = out->take(to);
  if (!data) return moved > 0 ? Result<std::optional<std::size_t>>{moved} : err(data.error());
  return moved + *data;
}

bool Pty::master_would_wait() {
  Locked out{output_};
  return out->size() == 0 && !out->slave_closed && !(out->packet_mode && out->status != 0);
}

Result<std::size_t> Pty::master_read(IoBuffer& to, bool nonblock) {
  if (to.empty()) return std::size_t{0};
  for (;;) {
    if (const auto moved = TRY(try_master_read(to))) {
      send_held_echo();
      output_ready();
      return *moved;
    }
    if (nonblock) return err(Errno::again);
    TRY(master_readable_.wait_until([this] { return !master_would_wait(); }));
  }
}

Result<std::size_t> Pty::master_write(IoBuffer& from, bool nonblock) {
  const Turn::Held turn = TRY(master_turn_.take(nonblock));
  std::array<char, kChunk> chunk;
  std::size_t written = 0;
  while (!from.empty()) {
    const auto n = from.copy_out(chunk.data(), chunk.size());
    if (!n) return written > 0 ? Result<std::size_t>{written} : err(n.error());
    std::size_t sent = 0;
    const auto done = offer_all({chunk.data(), *n}, nonblock, sent);
    written += sent;
    if (!done) return written > 0 ? Result<std::size_t>{written} : err(done.error());
  }
  return written;
}

Result<void> Pty::offer_all(std::span<const char> bytes, bool nonblock, std::size_t& sent) {
  const auto may_send = [this] { return !master_held_.load(std::memory_order_acquire) && input_room() > 0; };
  while (sent < bytes.size()) {
    if (may_send()) sent += offer_input(bytes.subspan(sent));
    if (sent == bytes.size()) break;
    if (nonblock) return err(Errno::again);
    TRY(input_taken().wait_until(may_send));
  }
  return {};
}

sync::PollEvents Pty::master_poll(sync::PollTable* table) {
  if (table != nullptr) {
    table->watch(master_readable_);
    table->watch(input_taken());
  }
  sync::PollEvents ready;
  if (!master_held_.load(std::memory_order_acquire) && input_room() > 0) ready = sync::kWritable;
  Locked out{output_};
  if (out->size() > 0) ready = ready | sync::kReadable;
  if (out->packet_mode && out->status != 0) ready = ready | sync::kReadable | sync::PollEvent::pri;
  if (out->slave_closed) ready = ready | sync::PollEvent::hup;
  return ready;
}

void Pty::master_closed() {
  master_gone_.store(true, std::memory_order_release);
  entry_->remove();
  hang_up();
}

}  // namespace k::drivers
