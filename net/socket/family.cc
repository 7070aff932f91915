#include "net/socket/family.h"

#include "kernel/abi/socket.h"

namespace k::net {
namespace {

constinit std::atomic<const Family*> families[abi::kAfMax];

Result<const Family*> find(const SocketKind& kind) {
  if (kind.family < 0 || kind.family >= abi::kAfMax) return err(Errno::afnosupport);
  if (kind.type < 0 || kind.type >= abi::kSockMax) return err(Errno::inval);
  const Family* const family = families[kind.family].load(std::memory_order_acquire);
  if (family == nullptr) return err(Errno::afnosupport);
  return family;
}

}  // namespace

void register_family(const Family& family) { families[family.number].store(&family, std::memory_order_release); }

Result<Ref<Socket>> create_socket(SocketKind kind) { return TRY(find(kind))->create(kind); }

/// Source: socketpair(2); Linux makes the first socket before it finds that pairs are not supported.
Result<SocketPair> create_pair(SocketKind kind) {
  const Family& family = *TRY(find(kind));
  if (family.create_pair != nullptr) return family.create_pair(kind);
  TRY(family.create(kind))->close();
  return err(Errno::opnotsupp);
}

}  // namespace k::net
