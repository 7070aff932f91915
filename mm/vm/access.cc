// Reading and writing a space that need not be loaded: exec builds stacks with it, /proc shows arguments.
#include <algorithm>
#include <cstring>

#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/address_space.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

/// Whether the entry allows the access as it stands; under the leaf's lock.
bool allows(Pte pte, Access access) {
  if (pte.empty() || (!pte.present() && !is_forced(access))) return false;
  if (!writes(access) || pte.writable()) return true;
  if (access != Access::forced_write || pte.special()) return false;
  const Frame& frame = frame_of(pte.frame());
  return frame.use == FrameUse::anonymous && frame.references.load(std::memory_order_acquire) == 1;
}

}  // namespace

/// The frame that shows `address`, with a reference, if the entry allows the access as it stands.
Frame* AddressSpace::hold_page(std::uint64_t address, Access access) const {
  const sync::rcu::ReadGuard guard;  // a shared leaf table may be replaced meanwhile
  for (;;) {
    Entry* slot = tables_.slot(address);
    if (slot == nullptr) return nullptr;
    const Pte seen = load(*slot);
    if (seen.empty() || (writes(access) && !seen.writable())) return nullptr;
    if (seen.huge()) {
      if (Frame* frame = hold_in_huge(*slot, seen, address)) return frame;
      continue;
    }
    Frame& leaf = leaf_frame(seen);
    const sync::LockHeld held{leaf.table_lock};
    if (load(*slot) != seen) continue;
    const Pte pte = load(table_of(leaf).entries[arch::level_index(address, 1)]);
    if (!allows(pte, access)) return nullptr;
    Frame& frame = frame_of(pte.frame());
    frame.ref();
    return &frame;
  }
}

/// As above, faulted in if need be.
Result<Frame*> AddressSpace::frame_at(std::uint64_t address, Access access) {
  for (;;) {
    {
      const sync::ReadHeld held{lock_};
      if (Frame* frame = hold_page(address, access)) return frame;
    }
    if (repair(UserAddr{address}, access) != Fault::resolved) return err(Errno::fault);
  }
}

namespace {

template <class Move>
std::size_t each_page(std::uint64_t at, std::size_t bytes, Move move) {
  std::size_t done = 0;
  while (done < bytes) {
    const std::size_t offset = (at + done) & lib::kPageMask, n = std::min(bytes - done, kPageSize - offset);
    if (!move(at + done, offset, done, n)) break;
    done += n;
  }
  return done;
}

}  // namespace

std::size_t AddressSpace::read_some(UserAddr from, std::span<std::byte> to, Force force) {
  const Access access = force == Force::yes ? Access::forced_read : Access::read;
  return each_page(from.value, to.size(), [&](std::uint64_t at, std::size_t offset, std::size_t done, std::size_t n) {
    auto frame = frame_at(at, access);
    if (!frame) return false;
    std::memcpy(to.data() + done, static_cast<const std::byte*>(page_pointer(**frame)) + offset, n);
    put_frame(**frame);
    return true;
  });
}

Result<void> AddressSpace::read(UserAddr from, std::span<std::byte> to) {
  if (read_some(from, to) != to.size()) return err(Errno::fault);
  return {};
}

Result<void> AddressSpace::write(UserAddr to, std::span<const std::byte> from) {
  const std::size_t done = each_page(
      to.value, from.size(), [&](std::uint64_t at, std::size_t offset, std::size_t from_offset, std::size_t n) {
        auto frame = frame_at(at, Access::write);
        if (!frame) return false;
        std::memcpy(static_cast<std::byte*>(page_pointer(**frame)) + offset, from.data() + from_offset, n);
        put_frame(**frame);
        return true;
      });
  if (done != from.size()) return err(Errno::fault);
  return {};
}

std::size_t AddressSpace::read_into(UserAddr from, std::size_t bytes, IoBuffer& to, Force force) {
  const Access access = force == Force::yes ? Access::forced_read : Access::read;
  const std::size_t before = to.remaining();
  each_page(from.value, bytes, [&](std::uint64_t at, std::size_t offset, std::size_t, std::size_t n) {
    auto frame = frame_at(at, access);
    if (!frame) return false;
    const auto moved = to.copy_in(static_cast<const std::byte*>(page_pointer(**frame)) + offset, n);
    put_frame(**frame);
    return moved && *moved == n;
  });
  return before - to.remaining();
}

std::size_t AddressSpace::write_from(UserAddr to, std::size_t bytes, IoBuffer& from, Force force) {
  const Access access = force == Force::yes ? Access::forced_write : Access::write;
  const std::size_t before = from.remaining();
  each_page(to.value, bytes, [&](std::uint64_t at, std::size_t offset, std::size_t, std::size_t n) {
    auto frame = frame_at(at, access);
    if (!frame) return false;
    const auto moved = from.copy_out(static_cast<std::byte*>(page_pointer(**frame)) + offset, n);
    put_frame(**frame);
    return moved && *moved == n;
  });
  return before - from.remaining();
}

}  // namespace k::mm
