#include "mm/user/io_buffer.h"

#include <algorithm>
#include <cstring>

#include "arch/include/arch/user_access.h"
#include "kernel/sync/spin/lock_order.h"
#include "mm/user/no_fault.h"

namespace k::mm {
namespace {

void assert_may_copy() {
#if defined(HT_DEBUG)
  if (!NoFault::active()) HT_MAY_SLEEP();
#endif
}

}  // namespace

IoBuffer IoBuffer::scattered(std::span<const IoSegment> segments) {
  IoBuffer buffer{Memory::user, 0, 0};
  for (const IoSegment& s : segments) buffer.remaining_ += s.bytes;
  buffer.next_ = segments.data();
  return buffer;
}

/// Calls move(address, offset, bytes) -> bytes moved, piece by piece, until `n` bytes or a short move.
template <class Move>
Result<std::size_t> IoBuffer::each(std::size_t n, Move move) {
  n = std::min(n, remaining_);
  std::size_t done = 0;
  while (done < n) {
    while (here_ == 0) {
      base_ = next_->base;
      here_ = next_->bytes;
      ++next_;
    }
    const std::size_t wanted = std::min(here_, n - done);
    const std::size_t moved = move(base_, done, wanted);
    base_ += moved;
    here_ -= moved;
    done += moved;
    if (moved < wanted) break;
  }
  remaining_ -= done;
  if (done == 0 && n != 0) return err(Errno::fault);
  return done;
}

Result<std::size_t> IoBuffer::copy_in(const void* from, std::size_t n) {
  const auto* source = static_cast<const std::byte*>(from);
  if (memory_ == Memory::kernel) {
    return each(n, [&](std::uint64_t at, std::size_t offset, std::size_t bytes) {
      std::memcpy(reinterpret_cast<void*>(at), source + offset, bytes);
      return bytes;
    });
  }
  assert_may_copy();
  return each(n, [&](std::uint64_t at, std::size_t offset, std::size_t bytes) {
    return bytes - arch::copy_to_user(UserAddr{at}, source + offset, bytes);
  });
}

Result<std::size_t> IoBuffer::copy_out(void* to, std::size_t n) {
  auto* target = static_cast<std::byte*>(to);
  if (memory_ == Memory::kernel) {
    return each(n, [&](std::uint64_t at, std::size_t offset, std::size_t bytes) {
      std::memcpy(target + offset, reinterpret_cast<const void*>(at), bytes);
      return bytes;
    });
  }
  assert_may_copy();
  return each(n, [&](std::uint64_t at, std::size_t offset, std::size_t bytes) {
    return bytes - arch::copy_from_user(target + offset, UserAddr{at}, bytes);
  });
}

Result<std::size_t> IoBuffer::zero_in(std::size_t n) {
  if (memory_ == Memory::kernel) {
    return each(n, [](std::uint64_t at, std::size_t, std::size_t bytes) {
      std::memset(reinterpret_cast<void*>(at), 0, bytes);
      return bytes;
    });
  }
  assert_may_copy();
  return each(n, [](std::uint64_t at, std::size_t, std::size_t bytes) {
    return bytes - arch::clear_user(UserAddr{at}, bytes);
  });
}

void IoBuffer::advance(std::size_t n) {
  (void)each(n, [](std::uint64_t, std::size_t, std::size_t bytes) { return bytes; });
}

std::size_t IoBuffer::truncate(std::size_t n) {
  const std::size_t cut = remaining_ > n ? remaining_ - n : 0;
  remaining_ -= cut;
  return cut;
}

}  // namespace k::mm
