/// The tables that AF_UNIX sockets are found by: abstract names, and all sockets for /proc/net/unix.
///
/// Invariants  a socket is in the list from creation until close, in the names while it has an abstract one. A name belongs to one
///             type of socket.
/// Lock order  Rank::socket_names, per bucket.
/// Context     task context.
/// Errors      add: ADDRINUSE.
/// Source      unix(7), proc(5).
#pragma once

#include "net/unix/unix_socket.h"

namespace k::net {

class UnixNames {
 public:
  /// The socket has the address from then on.
  static Result<void> add(UnixSocket& socket, Ref<UnixAddress> address);
  static void remove(UnixSocket& socket, std::string_view name);
  static RefOrNull<UnixSocket> find(int type, std::string_view name);

  static void enlist(UnixSocket& socket);
  static void delist(UnixSocket& socket);

  static constexpr unsigned kBuckets = 64;
  /// The `index`-th socket of a bucket of the list; null behind the last.
  static RefOrNull<UnixSocket> listed(unsigned bucket, unsigned index);

 private:
  using Named = lib::Queue<UnixSocket, &UnixSocket::name_node_>;
  using Listed = lib::Queue<UnixSocket, &UnixSocket::list_node_>;
  static sync::SpinGuarded<Named, sync::Rank::socket_names> names[kBuckets];
  static sync::SpinGuarded<Listed, sync::Rank::socket_names> list[kBuckets];
};

}  // namespace k::net
