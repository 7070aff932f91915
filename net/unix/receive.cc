// Receiving on AF_UNIX sockets: what all types share.
#include <algorithm>

#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"

namespace k::net {

Result<std::size_t> UnixSocket::receive(IoBuffer& to, ReceiveRequest& request) {
  return is_stream() ? receive_stream(to, request) : receive_datagram(to, request);
}

bool UnixSocket::readable_or_ended() const {
  return queued_.load(std::memory_order_relaxed) != 0 || is_shut(kNoReceive) ||
         error_.load(std::memory_order_relaxed) != 0;
}

/// The first message, out of the queue; null when there is none. Under reading_.
Box<Message> UnixSocket::take_first() {
  sync::Locked inbox{inbox_};
  Message* const m = inbox->messages.pop_front();
  if (m == nullptr) return nullptr;
  inbox->bytes -= m->data.bytes();
  queued_.store(queued_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  return Box<Message>{m};
}

/// What is left of a message becomes the first again. Under reading_.
void UnixSocket::put_back(Box<Message> message) {
  {
    sync::Locked inbox{inbox_};
    inbox->bytes += message->data.bytes();
    inbox->messages.push_front(*message.release());
    queued_.store(queued_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  readers_.wake_one(sync::kReadable);
}

/// The first message with bytes beyond `skip`, which becomes what is to be skipped of it. Under reading_, which keeps it queued.
Message* UnixSocket::find_beyond(std::size_t& skip) {
  sync::Locked inbox{inbox_};
  Message* m = inbox->messages.front();
  for (; m != nullptr && skip >= m->data.bytes() && skip > 0; m = MessageQueue::next(*m)) skip -= m->data.bytes();
  return m;
}

Message* UnixSocket::message_after(Message& message) {
  sync::Locked inbox{inbox_};
  return MessageQueue::next(message);
}

/// What was received need not be skipped any more.
void UnixSocket::move_peek_offset_back(std::size_t received) {
  const int offset = peek_offset_.load(std::memory_order_relaxed);
  if (offset <= 0) return;
  peek_offset_.store(std::max(0, offset - static_cast<int>(received)), std::memory_order_relaxed);
}

/// Tells who sent `message`: its address, and its identity when this socket asks for that.
void UnixSocket::tell_sender(const Message& message, ReceiveRequest& request) {
  constexpr Identity kUnknown{0, 65534, 65534};
  if (options().is_on(SO_PASSCRED)) request.credentials = message.has_identity ? message.identity : kUnknown;
  if (request.from == nullptr) return;
  const UnixSocket* const sender = message.sender ? message.sender.get() : stream_peer();
  const UnixAddress* const name = sender != nullptr ? sender->address() : nullptr;
  request.from->length = 0;
  if (name != nullptr) name->print(*request.from);
}

void UnixSocket::take_rights(Message& message, ReceiveRequest& request) {
  end_flight(*message.rights);
  request.rights = std::move(message.rights);
}

}  // namespace k::net
