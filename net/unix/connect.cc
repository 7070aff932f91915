// Connections of AF_UNIX sockets: listen, connect, accept.
#include <asm/siginfo.h>
#include <algorithm>

#include "net/unix/unix_names.h"

namespace k::net {

Result<void> UnixSocket::listen(int backlog) {
  if (!has_connections()) return err(Errno::opnotsupp);
  sync::LockHeld held{setup_};
  if (address() == nullptr || state() == State::connected) return err(Errno::inval);
  constexpr unsigned kMaxBacklog = abi::kSomaxconn;
  limit_.store(std::min(static_cast<unsigned>(backlog), kMaxBacklog), std::memory_order_relaxed);
  {
    sync::Locked inbox{inbox_};
    inbox->listener = current_caller().effective;
    state_.store(State::listening, std::memory_order_release);
  }
  room_queue(*this).wake_all();
  return {};
}

Result<void> UnixSocket::connect(const NamedRequest& request) {
  if (!has_connections()) return connect_datagram(request);
  const UnixName name = TRY(UnixName::parse(request.address));
  TRY(bind_any_if_identified());
  return connect_stream(name, request);
}

/// The two become each other's peers, and each knows who the other is.
void UnixSocket::join(UnixSocket& other, const Identity& mine, const Identity& theirs) {
  become_peer_of(other, theirs);
  other.become_peer_of(*this, mine);
}

/// Under setup_ or before anybody else knows the socket; the identity is published by the state.
void UnixSocket::become_peer_of(UnixSocket& other, const Identity& other_identity) {
  other.ref();
  peer_identity_ = other_identity;
  peer_.store(&other, std::memory_order_release);
  state_.store(State::connected, std::memory_order_release);
}

/// The listening socket's end of the connection is made here; accept(2) only gives it a descriptor.
Result<void> UnixSocket::connect_stream(const UnixName& name, const NamedRequest& request) {
  SocketWait wait{request.blocking, options().send_timeout_ns.load(std::memory_order_relaxed)};
  auto pending = TRY(make_socket({abi::kAfUnix, type(), 0}));
  for (;;) {
    const auto found = find(name, request.names, type());
    Result<bool> queued = found ? queue_at(**found, *pending) : Result<bool>{err(found.error())};
    if (queued && *queued) return {};
    if (queued) {
      UnixSocket& listener = **found;
      const auto waited = wait.wait(room_queue(listener), [&] {
        return !listener.is_full() || listener.state() != State::listening || listener.is_shut(kNoReceive);
      });
      if (waited) continue;
      queued = err(waited.error());
    }
    pending->close();
    return err(queued.error());
  }
}

/// Makes the connection if `listener` has room for it. False: it has none.
Result<bool> UnixSocket::queue_at(UnixSocket& listener, UnixSocket& pending) {
  const Identity me = current_caller().effective;
  sync::LockHeld held{setup_};
  {
    sync::Locked inbox{listener.inbox_};
    const bool refuses = listener.inbox_is_dead() || !listener.is_listening() || listener.is_shut(kNoReceive);
    if (refuses) return err(Errno::connrefused);
    if (listener.is_full()) return false;
    if (state() != State::unconnected) return err(state() == State::connected ? Errno::isconn : Errno::inval);
    const UnixAddress* const name = listener.address();
    name->ref();
    pending.address_.store(name, std::memory_order_relaxed);
    join(pending, me, inbox->listener);
    pending.ref();
    inbox->pending.push_back(pending);
    listener.queued_.store(listener.queued_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  listener.readers_.wake_one(sync::kReadable, sched::WakeHint::sync);
  listener.async().tell(POLL_IN);
  return true;
}

Result<Ref<Socket>> UnixSocket::accept(bool blocking) {
  if (!has_connections()) return err(Errno::opnotsupp);
  SocketWait wait{blocking, options().receive_timeout_ns.load(std::memory_order_relaxed)};
  for (;;) {
    if (state() != State::listening) return err(Errno::inval);
    const bool at_end = is_shut(kNoReceive);
    if (auto pending = take_pending()) {
      pending->options().set(SO_PASSCRED, options().is_on(SO_PASSCRED));
      return Ref<Socket>::adopt(*pending.leak());
    }
    if (at_end) return err(Errno::inval);
    TRY(wait.wait(readers_, [&] { return queued_.load(std::memory_order_relaxed) != 0 || is_shut(kNoReceive); }));
  }
}

RefOrNull<UnixSocket> UnixSocket::take_pending() {
  bool was_full;
  UnixSocket* first;
  {
    sync::Locked inbox{inbox_};
    first = inbox->pending.pop_front();
    if (first == nullptr) return nullptr;
    was_full = is_full();
    queued_.store(queued_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
  if (was_full) room_queue(*this).wake_all(sync::kWritable);
  return RefOrNull<UnixSocket>::adopt(first);
}

}  // namespace k::net
