#include "ipc/pipe_ring.h"

#include <algorithm>

#include "kernel/lib/alloc.h"
#include "mm/phys/page_alloc.h"

namespace k::ipc {
namespace {

/// No other ring refers to it (tee, splice), so none can begin to.
bool is_ours_alone(const mm::Frame& frame) { return frame.references.load(std::memory_order_acquire) == 1; }

std::byte* bytes_of(mm::Frame& frame) { return static_cast<std::byte*>(mm::page_pointer(frame)); }

}  // namespace

PipeRing::~PipeRing() {
  while (!empty()) drop_head();
  if (spare_ != nullptr) mm::put_frame(*spare_);
  lib::deallocate(wide_);
}

std::size_t PipeRing::bytes() const {
  std::size_t sum = 0;
  for (unsigned p = head_; p != tail_; ++p) sum += const_cast<PipeRing*>(this)->at(p).length;
  return sum;
}

/// One page is kept for the next write, so that a ping-pong does not go to the allocator.
Result<mm::Frame*> PipeRing::take_frame() {
  if (spare_ != nullptr) return std::exchange(spare_, nullptr);
  return mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no);
}

void PipeRing::give_frame(mm::Frame& frame) {
  if (spare_ == nullptr && is_ours_alone(frame)) {
    spare_ = &frame;
  } else {
    mm::put_frame(frame);
  }
}

void PipeRing::drop_head() {
  give_frame(*at(head_).frame);
  ++head_;
}

/// What goes into one page comes whole, or is a fault and not in the pipe at all.
Result<void> PipeRing::take_bytes(IoBuffer& from, std::byte* to, std::size_t n) {
  return TRY(from.copy_out(to, n)) == n ? Result<void>{} : err(Errno::fault);
}

/// The part of a write that does not fill a page goes into the last page if it fits there whole.
Result<std::size_t> PipeRing::merge(IoBuffer& from, std::size_t wanted) {
  if (empty() || wanted == 0) return 0;
  Slot& last = at(tail_ - 1);
  const std::size_t end = last.offset + last.length;
  if (last.packet || !is_ours_alone(*last.frame) || end + wanted > kPageSize) return 0;
  TRY(take_bytes(from, bytes_of(*last.frame) + end, wanted));
  last.length += static_cast<std::uint32_t>(wanted);
  return wanted;
}

Result<std::size_t> PipeRing::add_page(IoBuffer& from, Packets packets) {
  mm::Frame& frame = *TRY(take_frame());
  const std::size_t wanted = std::min(from.remaining(), kPageSize);
  if (const auto taken = take_bytes(from, bytes_of(frame), wanted); !taken) {
    give_frame(frame);
    return err(taken.error());
  }
  at(tail_++) = Slot{&frame, 0, static_cast<std::uint32_t>(wanted), packets == Packets::yes};
  return wanted;
}

Result<std::size_t> PipeRing::push(IoBuffer& from, Packets packets) {
  std::size_t done = 0;
  if (packets == Packets::no) done = TRY(merge(from, from.remaining() % kPageSize));
  while (!from.empty() && !full()) {
    const auto moved = add_page(from, packets);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    done += *moved;
  }
  return done;
}

Result<std::size_t> PipeRing::pop(IoBuffer& to) {
  std::size_t done = 0;
  while (!empty() && !to.empty()) {
    Slot& first = at(head_);
    const std::size_t wanted = std::min<std::size_t>(first.length, to.remaining());
    const auto moved = to.copy_in(bytes_of(*first.frame) + first.offset, wanted);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    done += *moved;
    const bool packet = first.packet;
    first.offset += static_cast<std::uint32_t>(*moved);
    first.length -= static_cast<std::uint32_t>(*moved);
    if (first.length == 0 || packet) drop_head();  // what the reader had no room for of a packet is lost: pipe(2)
    if (packet || *moved < wanted) break;
  }
  return done;
}

Result<void> PipeRing::resize(unsigned slots) {
  if (slots < used()) return err(Errno::busy);
  Slot* target = inline_;
  if (slots > kDefaultSlots) {
    target = static_cast<Slot*>(lib::allocate(slots * sizeof(Slot), alignof(Slot)));
    if (target == nullptr) return err(Errno::nomem);
  }
  // In order from slot 0 on, by way of a rotation when source and target are the same memory.
  Slot* const source = ring();
  const unsigned count = used(), first = head_ & (slots_ - 1);
  if (target == source) {
    std::rotate(source, source + first, source + slots_);
  } else {
    for (unsigned i = 0; i < count; ++i) target[i] = source[(first + i) & (slots_ - 1)];
  }
  if (wide_ != nullptr) lib::deallocate(wide_);
  wide_ = target == inline_ ? nullptr : target;
  head_ = 0;
  tail_ = count;
  slots_ = slots;
  return {};
}

}  // namespace k::ipc
