// Sending on AF_UNIX sockets: what all types share, and streams.
#include <asm/siginfo.h>
#include <algorithm>

#include "net/socket/socket_file.h"
#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"

namespace k::net {

Result<std::size_t> UnixSocket::send(IoBuffer& from, SendRequest& request) {
  if (request.flags.has(abi::kMsgOob)) return err(Errno::opnotsupp);
  return is_stream() ? send_stream(from, request) : send_datagram(from, request);
}

Result<std::size_t> UnixSocket::send_stream(IoBuffer& from, SendRequest& request) {
  UnixSocket* const peer = stream_peer();
  if (request.to != nullptr) return err(peer != nullptr ? Errno::isconn : Errno::opnotsupp);
  if (peer == nullptr) return err(Errno::notconn);
  SocketWait wait{request.blocking, options().send_timeout_ns.load(std::memory_order_relaxed)};
  std::size_t done = 0;
  do {
    const auto sent = send_chunk(*peer, from, request, wait);
    if (!sent) [[unlikely]] {
      if (done > 0) return done;
      request.broken_pipe = sent.error() == Errno::pipe;
      return sent;
    }
    done += *sent;
  } while (!from.empty());
  return done;
}

Result<std::size_t> UnixSocket::send_chunk(UnixSocket& peer, IoBuffer& from, SendRequest& request, SocketWait& wait) {
  constexpr std::size_t kLargest = 64 * 1024;
  if (is_shut(kNoSend)) return err(Errno::pipe);
  if (from.empty()) return 0;
  const std::size_t half = options().send_buffer.load(std::memory_order_relaxed) / 2;
  const std::size_t n = std::min({from.remaining(), half, kLargest});
  auto message = TRY(make_message(from, n, request, wait));
  stamp(*message, request, peer);
  if (const auto delivered = peer.deliver(message); !delivered) {
    discharge(std::exchange(message->charge, 0));
    return err(delivered.error());
  }
  return n;
}

/// A message with the next `n` bytes of `from` and the ancillary data of `request`, charged to this socket.
Result<Box<Message>> UnixSocket::make_message(IoBuffer& from, std::size_t n, SendRequest& request, SocketWait& wait) {
  TRY(await_room(wait));
  auto message = TRY(make<Message>());
  TRY(message->data.fill(from, n));
  if (request.rights) [[unlikely]] {
    TRY(begin_flight(*request.rights, current_caller()));
    message->rights = std::move(request.rights);
  }
  message->charge = Message::kOverhead + static_cast<std::uint32_t>(n);
  charged_.fetch_add(message->charge, std::memory_order_relaxed);
  return message;
}

Result<void> UnixSocket::await_room(SocketWait& wait) {
  for (;;) {
    if (const int error = take_error()) return err(static_cast<Errno>(error));
    if (is_shut(kNoSend)) return err(Errno::pipe);
    const auto has_room = [&] {
      return charged_.load(std::memory_order_relaxed) < options().send_buffer.load(std::memory_order_relaxed);
    };
    if (has_room()) return {};
    note_lack_of_room();
    TRY(wait.wait(writers_,
                  [&] { return has_room() || is_shut(kNoSend) || error_.load(std::memory_order_relaxed) != 0; }));
  }
}

/// The sender's identity goes along when it says so, or when either end asks for identities, or may yet ask because it has not
/// been accepted.
void UnixSocket::stamp(Message& message, const SendRequest& request, const UnixSocket& target) {
  if (request.credentials) {
    message.identity = *request.credentials;
  } else if (options().is_on(SO_PASSCRED) || const_cast<UnixSocket&>(target).options().is_on(SO_PASSCRED) ||
             target.file_.load(std::memory_order_relaxed) == nullptr) {
    message.identity = current_caller().real;
  } else {
    return;
  }
  message.has_identity = true;
}

/// Takes the message over unless it fails. PIPE: nobody will read it.
Result<void> UnixSocket::deliver(Box<Message>& message) {
  {
    sync::Locked inbox{inbox_};
    if (inbox_is_dead() || is_shut(kNoReceive)) return err(Errno::pipe);
    inbox->bytes += message->data.bytes();
    inbox->messages.push_back(*message.release());
    queued_.store(queued_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  readers_.wake_one(sync::kReadable, sched::WakeHint::sync);
  if (!awaits_data_.load(std::memory_order_relaxed)) async().tell(POLL_IN);
  return {};
}

/// Writers wait until a quarter of the buffer is in use, so one wake-up when that is passed is enough.
void UnixSocket::discharge(std::uint32_t bytes) {
  const std::uint32_t before = charged_.fetch_sub(bytes, std::memory_order_relaxed);
  const std::uint32_t quarter = options().send_buffer.load(std::memory_order_relaxed) / 4;
  if (before <= quarter || before - bytes > quarter) return;
  writers_.wake_all(sync::kWritable);
  if (lacked_room_.exchange(false, std::memory_order_relaxed)) async().tell(POLL_OUT);
}

}  // namespace k::net
