#include "net/unix/unix_listing.h"

#include <linux/net.h>

#include "net/unix/unix_names.h"

namespace k::net {
namespace {

/// A name as far as it is printable: the NUL bytes of an abstract one are shown as '@'.
void put_name(lib::TextBuffer& out, const UnixAddress& address) {
  out.put(' ');
  for (const char c : address.text()) out.put(c == '\0' ? '@' : c);
}

}  // namespace

UnixSocket::Listing UnixSocket::listing() const {
  const std::uint64_t inode = inode_number_.load(std::memory_order_relaxed);
  const bool connected = has_connections() ? state() == State::connected : stream_peer() != nullptr;
  const auto shown = inode != 0 ? (connected ? uapi::SS_CONNECTED : uapi::SS_UNCONNECTED)
                                : (connected ? uapi::SS_CONNECTING : uapi::SS_DISCONNECTING);
  return {.inode = inode, .state = static_cast<unsigned>(shown), .address = address()};
}

/// Addresses of the kernel are nobody's business: the first column is 0, as Linux shows it to who may not see them.
void list_unix_sockets(lib::TextBuffer& out) {
  constexpr unsigned kAccepts = 1u << 16;  // __SO_ACCEPTCON
  out.put("Num       RefCount Protocol Flags    Type St Inode Path\n");
  for (unsigned bucket = 0; bucket < UnixNames::kBuckets; ++bucket) {
    for (unsigned index = 0; const auto socket = UnixNames::listed(bucket, index); ++index) {
      const UnixSocket::Listing listing = socket->listing();
      out.print("{:016x}: {:08x} {:08x} {:08x} {:04x} {:02x} {:5}", 0, socket->ref_count() - 1, socket->protocol(),
                socket->is_listening() ? kAccepts : 0, socket->type(), listing.state, listing.inode);
      if (listing.address != nullptr) put_name(out, *listing.address);
      out.put('\n');
    }
  }
}

}  // namespace k::net
