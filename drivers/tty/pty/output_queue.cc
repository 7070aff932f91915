#include "drivers/tty/pty/output_queue.h"

#include <algorithm>

namespace k::drivers {

std::size_t PtyOutput::push(std::span<const char> bytes) {
  const std::size_t n = std::min(bytes.size(), room());
  for (std::size_t i = 0; i < n; ++i) bytes_[head_++ % kRing] = bytes[i];
  return n;
}

Result<std::size_t> PtyOutput::take(IoBuffer& to) {
  std::size_t moved = 0;
  while (size() > 0 && !to.empty()) {
    const std::size_t at = tail_ % kRing;
    const std::size_t run = std::min<std::size_t>(size(), kRing - at);
    const auto n = to.copy_in(&bytes_[at], run);
    if (!n) return moved > 0 ? Result<std::size_t>{moved} : n;
    tail_ += static_cast<std::uint32_t>(*n);
    moved += *n;
    if (*n < run) break;
  }
  return moved;
}

void PtyOutput::discard() { head_ = tail_ + static_cast<std::uint32_t>(std::min(size(), kReceived)); }

}  // namespace k::drivers
