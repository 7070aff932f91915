#include "net/buffer/packet.h"

#include <algorithm>

#include "kernel/lib/alloc.h"

namespace k::net {

PacketBuffer::~PacketBuffer() {
  for (unsigned i = first_; i != end_; ++i) fragments()[i].drop();
  if (many_ != nullptr) lib::deallocate(many_);
}

Result<void> PacketBuffer::fill(IoBuffer& from, std::size_t n) {
  const std::size_t count = lib::pages_for(n);
  if (count > kInline) {
    many_ = static_cast<Fragment*>(lib::allocate(count * sizeof(Fragment), alignof(Fragment)));
    if (many_ == nullptr) return err(Errno::nomem);
  }
  while (n > 0) {
    const std::size_t wanted = std::min(n, kPageSize);
    const Fragment fragment = TRY(allocate_fragment(wanted));
    fragments()[end_++] = fragment;
    bytes_ += wanted;
    if (TRY(from.copy_out(fragment.data(), wanted)) != wanted) return err(Errno::fault);
    n -= wanted;
  }
  return {};
}

Result<std::size_t> PacketBuffer::copy_out(IoBuffer& to, std::size_t skip, std::size_t n) const {
  std::size_t done = 0;
  for (unsigned i = first_; i != end_ && done < n; ++i) {
    const Fragment& f = fragments()[i];
    if (skip >= f.length) {
      skip -= f.length;
      continue;
    }
    const std::size_t wanted = std::min(f.length - skip, n - done);
    const auto moved = to.copy_in(f.data() + skip, wanted);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    done += *moved;
    if (*moved < wanted) break;
    skip = 0;
  }
  return done;
}

void PacketBuffer::consume(std::size_t n) {
  bytes_ -= n;
  while (n > 0) {
    Fragment& f = fragments()[first_];
    const auto part = static_cast<std::uint32_t>(std::min<std::size_t>(n, f.length));
    f.offset += part;
    f.length -= part;
    n -= part;
    if (f.length != 0) return;
    f.drop();
    ++first_;
  }
}

}  // namespace k::net
