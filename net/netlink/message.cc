#include "net/netlink/message.h"

#include "net/netlink/netlink_socket.h"

namespace k::net {

Result<Ref<NetlinkPayload>> NetlinkPayload::create(IoBuffer& from, std::size_t n) {
  Box<std::byte[]> bytes{new (std::nothrow) std::byte[n]};
  if (bytes == nullptr) return err(Errno::nomem);
  if (TRY(from.copy_out(bytes.get(), n)) < n) return err(Errno::fault);
  return make_ref<NetlinkPayload>(std::move(bytes), n);
}

NetlinkMessage::NetlinkMessage(Ref<NetlinkPayload> text, const NetlinkOrigin& from, Ref<NetlinkSocket> to)
    : payload(std::move(text)), origin(from), receiver(std::move(to)) {
  receiver->charged_.fetch_add(charge(), std::memory_order_relaxed);
}

NetlinkMessage::~NetlinkMessage() { receiver->discharge(charge()); }

std::uint32_t NetlinkMessage::charge() const {
  constexpr std::uint32_t kOverhead = 704;  // about what Linux charges beyond the bytes
  return kOverhead + static_cast<std::uint32_t>(payload->bytes().size());
}

}  // namespace k::net
