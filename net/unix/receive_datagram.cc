// Receiving datagrams and sequenced packets: one message at a time.
#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"

namespace k::net {

Result<std::size_t> UnixSocket::receive_datagram(IoBuffer& to, ReceiveRequest& request) {
  if (request.flags.has(abi::kMsgOob)) return err(Errno::opnotsupp);
  if (has_connections() && state() != State::connected) return err(Errno::notconn);
  SocketWait wait{request.blocking, options().receive_timeout_ns.load(std::memory_order_relaxed)};
  for (;;) {
    if (const int error = take_error()) return err(static_cast<Errno>(error));
    const bool at_end = is_shut(kNoReceive);  // before the look: what was sent until then is seen
    const auto got = request.flags.has(abi::kMsgPeek) ? peek_datagram(to, request) : take_datagram(to, request);
    if (!got || *got) return got ? Result<std::size_t>{**got} : err(got.error());
    if (at_end && (wait.may_wait() || has_connections())) return 0;
    TRY(wait.wait(readers_, [&] { return readable_or_ended(); }));
  }
}

/// Empty: nothing is queued.
Result<std::optional<std::size_t>> UnixSocket::take_datagram(IoBuffer& to, ReceiveRequest& request) {
  Box<Message> message;
  bool was_full;
  {
    sync::LockHeld held{reading_};
    was_full = is_full();
    message = take_first();
  }
  if (message == nullptr) return std::nullopt;
  if (was_full) room_queue(*this).wake_all(sync::kWritable);
  move_peek_offset_back(message->data.bytes());
  if (message->rights) take_rights(*message, request);
  return TRY(give_datagram(*message, to, request, 0));
}

Result<std::optional<std::size_t>> UnixSocket::peek_datagram(IoBuffer& to, ReceiveRequest& request) {
  sync::LockHeld held{reading_};
  const int offset = peek_offset_.load(std::memory_order_relaxed);
  std::size_t skip = static_cast<std::size_t>(std::max(offset, 0));
  Message* const message = find_beyond(skip);
  if (message == nullptr) return std::nullopt;
  if (message->rights) request.rights = TRY(copy_rights(*message->rights));
  const std::size_t room = to.remaining();
  const std::size_t n = TRY(give_datagram(*message, to, request, skip));
  if (offset >= 0) peek_offset_.fetch_add(static_cast<int>(room - to.remaining()), std::memory_order_relaxed);
  return n;
}

/// What does not fit is lost; MSG_TRUNC asks for the full length.
Result<std::size_t> UnixSocket::give_datagram(Message& message, IoBuffer& to, ReceiveRequest& request,
                                              std::size_t skip) {
  tell_sender(message, request);
  const std::size_t there = message.data.bytes() - skip;
  const std::size_t n = std::min(there, to.remaining());
  if (n > 0 && TRY(message.data.copy_out(to, skip, n)) < n) return err(Errno::fault);
  if (n < there) request.out_flags |= abi::kMsgTrunc;
  return request.flags.has(abi::kMsgTrunc) ? there : n;
}

}  // namespace k::net
