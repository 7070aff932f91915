// Receiving from streams: bytes of several messages at once, as far as they belong together.
#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"

namespace k::net {

Result<std::size_t> UnixSocket::receive_stream(IoBuffer& to, ReceiveRequest& request) {
  if (state() != State::connected || request.flags.has(abi::kMsgOob)) return err(Errno::inval);
  const std::size_t wanted = to.remaining();
  const auto low = static_cast<std::size_t>(options().receive_low_water.load(std::memory_order_relaxed));
  const std::size_t target = request.flags.has(abi::kMsgWaitall) ? wanted : std::min(low, wanted);
  SocketWait wait{request.blocking, options().receive_timeout_ns.load(std::memory_order_relaxed)};
  StreamProgress progress;
  for (;;) {
    const bool at_end = is_shut(kNoReceive);  // before the look: what was sent until then is seen
    TRY(request.flags.has(abi::kMsgPeek) ? peek_stream(to, request, progress) : read_stream(to, request, progress));
    if (progress.ended || (progress.done > 0 && progress.done >= target)) return progress.done;
    const int error = take_error();
    if (progress.done == 0 && error != 0) return err(static_cast<Errno>(error));
    if (error != 0 || at_end) return progress.done;
    awaits_data_.store(!async().empty(), std::memory_order_relaxed);
    const auto waited = wait.wait(readers_, [&] { return readable_or_ended(); });
    awaits_data_.store(false, std::memory_order_relaxed);
    if (!waited) {
      return progress.done > 0 ? Result<std::size_t>{progress.done} : err(waited.error());
    }
  }
}

/// Moves what is queued, until `to` is full, the queue is empty, or the next message does not belong with the last.
Result<void> UnixSocket::read_stream(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress) {
  sync::LockHeld held{reading_};
  do {
    auto message = take_first();
    if (message == nullptr) return {};
    if (!continues(*message, request, progress)) {
      progress.ended = true;
      put_back(std::move(message));
      return {};
    }
    TRY(read_message(to, request, progress, std::move(message)));
  } while (!progress.ended);
  return {};
}

/// Messages of different senders are not mixed once their identity was told.
bool UnixSocket::continues(const Message& message, ReceiveRequest& request, StreamProgress& progress) {
  if (!progress.started) {
    tell_sender(message, request);
    progress.started = true;
    return true;
  }
  if (!request.credentials) return true;
  return message.has_identity && message.identity == *request.credentials;
}

/// Rights come with the first byte of their message, and end the transfer with its last.
Result<void> UnixSocket::read_message(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress,
                                      Box<Message> message) {
  const auto moved = message->data.copy_out(to, 0, message->data.bytes());
  if (!moved) {
    put_back(std::move(message));
    progress.ended = true;
    return progress.done > 0 ? Result<void>{} : err(moved.error());
  }
  progress.done += *moved;
  move_peek_offset_back(*moved);
  if (message->rights) [[unlikely]] {
    take_rights(*message, request);
    progress.ended = true;
  }
  if (*moved < message->data.bytes()) {
    message->data.consume(*moved);
    put_back(std::move(message));
    progress.ended = true;
    return {};
  }
  const std::uint32_t charge = std::exchange(message->charge, 0);
  message.reset();
  stream_peer()->discharge(charge);
  progress.ended = progress.ended || to.empty();
  return {};
}

/// The same without taking anything; with SO_PEEK_OFF from the offset on, which follows.
Result<void> UnixSocket::peek_stream(IoBuffer& to, ReceiveRequest& request, StreamProgress& progress) {
  sync::LockHeld held{reading_};
  const int offset = peek_offset_.load(std::memory_order_relaxed);
  std::size_t skip = progress.done + static_cast<std::size_t>(std::max(offset, 0));
  if (offset >= 0) skip = static_cast<std::size_t>(offset);
  for (Message* m = find_beyond(skip); m != nullptr && !progress.ended; m = message_after(*m)) {
    if (!continues(*m, request, progress)) {
      progress.ended = true;
      return {};
    }
    const auto moved = m->data.copy_out(to, skip, m->data.bytes() - skip);
    if (!moved) return progress.done > 0 ? Result<void>{} : err(moved.error());
    progress.done += *moved;
    skip = 0;
    if (offset >= 0) peek_offset_.fetch_add(static_cast<int>(*moved), std::memory_order_relaxed);
    if (m->rights) {
      request.rights = TRY(copy_rights(*m->rights));
      progress.ended = true;
    }
    progress.ended = progress.ended || to.empty();
  }
  return {};
}

}  // namespace k::net
