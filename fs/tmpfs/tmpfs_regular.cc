#include <linux/falloc.h>
#include <linux/fcntl.h>

#include <algorithm>
#include <cstring>

#include "fs/tmpfs/tmpfs_inode.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sync/guarded.h"
#include "mm/phys/page_alloc.h"

namespace k::fs {

void TmpfsRegular::evict() {
  tmpfs().release_pages(pages().remove(0, UINT64_MAX, PageCache::Users::none));
  TmpfsInode::evict();
}

void TmpfsRegular::drop_pages(std::uint64_t first, std::uint64_t end, mm::SourceMappings::Copies copies) {
  if (first >= end) return;
  tmpfs().release_pages(pages().remove(first, end));
  set_blocks(pages().resident() * (kPageSize / 512));
  if (mappings().is_mapped()) mappings().unmap_pages(first, end - first, copies);
}

/// [from, to) lies within one page, or is empty; a hole stays one.
Result<void> TmpfsRegular::zero_within_page(std::uint64_t from, std::uint64_t to) {
  if (from == to) return {};
  mm::Frame* const frame = pages().find(from >> lib::kPageShift);
  if (frame == nullptr) return {};
  std::memset(static_cast<std::byte*>(mm::page_pointer(*frame)) + (from & lib::kPageMask), 0, to - from);
  mm::put_frame(*frame);
  return {};
}

/// The new size first: from then on no fault and no read finds what is dropped.
Result<void> TmpfsRegular::truncate(std::uint64_t new_size) {
  const std::uint64_t old_size = size();
  if (new_size < old_size && (seals() & F_SEAL_SHRINK) != 0) return err(Errno::perm);
  if (new_size > old_size && (seals() & F_SEAL_GROW) != 0) return err(Errno::perm);
  set_size(new_size);
  if (new_size >= old_size) return {};
  if (!lib::is_aligned(new_size, kPageSize)) TRY(zero_within_page(new_size, lib::align_up(new_size, kPageSize)));
  drop_pages(lib::pages_for(new_size), UINT64_MAX >> lib::kPageShift, mm::SourceMappings::Copies::drop);
  return {};
}

Result<void> TmpfsRegular::punch(std::uint64_t from, std::uint64_t to) {
  const std::uint64_t first_whole = lib::align_up(from, kPageSize), last_whole = lib::align_down(to, kPageSize);
  if (first_whole > last_whole) return zero_within_page(from, to);
  TRY(zero_within_page(from, first_whole));
  TRY(zero_within_page(last_whole, to));
  drop_pages(first_whole >> lib::kPageShift, last_whole >> lib::kPageShift, mm::SourceMappings::Copies::keep);
  return {};
}

Result<void> TmpfsRegular::fill_holes(std::uint64_t& index, std::uint64_t end) {
  for (; index < end; ++index) {
    if (sched::current().signal_pending()) return err(Errno::interrupted);
    mm::put_frame(*TRY(page_for_access(*this, *this, index)));
  }
  return {};
}

/// Pages for [first, end). On failure those beyond the end of the file go back: nobody else can have used them.
Result<void> TmpfsRegular::reserve(std::uint64_t first, std::uint64_t end) {
  if (!tmpfs().can_hold(end - first)) return err(Errno::nospc);
  std::uint64_t reached = first;
  Result<void> filled = fill_holes(reached, end);
  if (!filled) drop_pages(std::max(first, lib::pages_for(size())), reached, mm::SourceMappings::Copies::keep);
  return filled;
}

Result<void> TmpfsRegular::fallocate(const FallocateRequest& request) {
  const std::uint64_t end = request.offset + request.bytes;
  if (request.mode == (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) {
    if ((seals() & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) != 0) return err(Errno::perm);
    TRY(punch(request.offset, end));
    touch_modified();
    return {};
  }
  if ((request.mode & ~FALLOC_FL_KEEP_SIZE) != 0) return err(Errno::opnotsupp);
  if (end > request.most_bytes) return err(Errno::fbig);  // also where the size stays, as Linux has it
  if ((seals() & F_SEAL_GROW) != 0 && end > size()) return err(Errno::perm);
  TRY(reserve(request.offset >> lib::kPageShift, lib::pages_for(end)));
  if ((request.mode & FALLOC_FL_KEEP_SIZE) == 0 && end > size()) set_size(end);
  touch_changed();
  return {};
}

}  // namespace k::fs
