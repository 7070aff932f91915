#include "net/unix/unix_names.h"

namespace k::net {

constinit sync::SpinGuarded<UnixNames::Named, sync::Rank::socket_names> UnixNames::names[kBuckets];
constinit sync::SpinGuarded<UnixNames::Listed, sync::Rank::socket_names> UnixNames::list[kBuckets];

namespace {

/// FNV-1a.
unsigned bucket_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return (hash ^ hash >> 16) % UnixNames::kBuckets;
}

unsigned bucket_of(const UnixSocket& socket) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(&socket) / sizeof(UnixSocket)) % UnixNames::kBuckets;
}

}  // namespace

Result<void> UnixNames::add(UnixSocket& socket, Ref<UnixAddress> address) {
  const std::string_view name = address->text();
  sync::Locked all{names[bucket_of(name)]};
  for (UnixSocket* s = all->front(); s != nullptr; s = Named::next(*s)) {
    if (s->type() == socket.type() && s->address()->text() == name) return err(Errno::addrinuse);
  }
  socket.address_.store(address.leak(), std::memory_order_release);
  socket.is_named_ = true;
  all->push_back(socket);
  return {};
}

void UnixNames::remove(UnixSocket& socket, std::string_view name) {
  sync::Locked all{names[bucket_of(name)]};
  all->erase(socket);
}

RefOrNull<UnixSocket> UnixNames::find(int type, std::string_view name) {
  sync::Locked all{names[bucket_of(name)]};
  for (UnixSocket* s = all->front(); s != nullptr; s = Named::next(*s)) {
    if (s->type() == type && s->address()->text() == name) return RefOrNull<UnixSocket>::share(s);
  }
  return nullptr;
}

void UnixNames::enlist(UnixSocket& socket) {
  sync::Locked all{list[bucket_of(socket)]};
  all->push_back(socket);
}

void UnixNames::delist(UnixSocket& socket) {
  sync::Locked all{list[bucket_of(socket)]};
  all->erase(socket);
}

RefOrNull<UnixSocket> UnixNames::listed(unsigned bucket, unsigned index) {
  sync::Locked all{list[bucket]};
  for (UnixSocket* s = all->front(); s != nullptr; s = Listed::next(*s)) {
    if (index-- == 0) return RefOrNull<UnixSocket>::share(s);
  }
  return nullptr;
}

}  // namespace k::net
