/// Families of protocols: from the numbers of socket(2) to a socket.
///
/// Invariants  a family registers at boot. An unknown family is AFNOSUPPORT; the family says what else it refuses.
/// Errors      create_socket: INVAL (type out of range), AFNOSUPPORT, SOCKTNOSUPPORT, PROTONOSUPPORT, PERM, NOMEM.
///             create_pair: also OPNOTSUPP.
/// Source      socket(2), socketpair(2).
#pragma once

#include <utility>

#include "net/socket/socket.h"

namespace k::net {

using SocketPair = std::pair<Ref<Socket>, Ref<Socket>>;

struct Family {
  int number;
  Result<Ref<Socket>> (*create)(SocketKind kind);
  /// Null: sockets of the family cannot be made in pairs.
  Result<SocketPair> (*create_pair)(SocketKind kind);
};

/// `family` lives for good.
void register_family(const Family& family);
Result<Ref<Socket>> create_socket(SocketKind kind);
Result<SocketPair> create_pair(SocketKind kind);

}  // namespace k::net
