// Faults on mapped sources: pages of a file or of shared memory, with their cached neighbours.
#include <algorithm>
#include <array>

#include "mm/phys/page_alloc.h"
#include "mm/vm/fault_site.h"

namespace k::mm {
namespace {

/// Pages mapped around a fault when the source has them at hand; a power of two.
constexpr std::uint64_t kFaultAround = 16;

/// Pages of the source from `address` to its end.
std::uint64_t pages_left(const Area& area, std::uint64_t address) {
  const std::uint64_t index = area.source_index(address), size = lib::pages_for(area.source->bytes());
  return index < size ? size - index : 0;
}

}  // namespace

AddressSpace::Fault AddressSpace::get_source_page(const FaultSite& site, Write write, Frame*& frame) {
  if (pages_left(site.area, site.page) == 0) return Fault::no_page;
  auto got = site.area.source->get_page(site.area.source_index(site.page), write);
  if (!got) return got.error() == Errno::nomem ? Fault::no_memory : Fault::no_page;
  frame = *got;
  return Fault::resolved;
}

AddressSpace::Fault AddressSpace::map_source_page(const FaultSite& site) {
  const bool write = writes(site.access), is_alone = write || is_forced(site.access);
  std::array<Frame*, kFaultAround> frames;
  const std::uint64_t window = kFaultAround * kPageSize;
  const std::uint64_t first = std::max(lib::align_down(site.page, window), site.area.start);
  const std::uint64_t end = std::min(lib::align_down(site.page, window) + window, site.area.end);
  const std::size_t count = (end - first) >> lib::kPageShift, wanted = (site.page - first) >> lib::kPageShift;
  Frame* frame = nullptr;
  if (!is_alone &&
      site.area.source->get_cached_pages(site.area.source_index(first), std::span{frames}.first(count)) > 0) {
    frame = frames[wanted];
    if (frame != nullptr) {
      map_neighbours(site, std::span{frames}.first(count), first);
      return Fault::resolved;
    }
    for (Frame* cached : std::span{frames}.first(count)) {
      if (cached != nullptr) put_frame(*cached);
    }
  }
  if (const Fault f = get_source_page(site, write ? Write::yes : Write::no, frame); f != Fault::resolved) return f;
  const Pte pte =
      Pte::leaf(address_of(*frame), page_protection(site.area.flags, write ? PageWrite::yes : PageWrite::no));
  if (!install(site, *frame, pte)) put_frame(*frame);
  return Fault::resolved;
}

/// Maps, read-only, all of `frames` whose entries are still empty; takes over their references.
void AddressSpace::map_neighbours(const FaultSite& site, std::span<Frame*> frames, std::uint64_t first) {
  const arch::PageProtection protection = page_protection(site.area.flags, PageWrite::no);
  Entry* entry = &table_of(*site.leaf).entries[arch::level_index(first, 1)];
  unsigned mapped = 0, unused = 0;
  std::array<Frame*, kFaultAround> drop;
  {
    const sync::LockHeld held{site.leaf->table_lock};
    std::uint64_t left = site.source_unchanged() ? pages_left(site.area, first) : 0;
    for (Frame* frame : frames) {
      if (frame != nullptr) {
        if (left > 0 && entry->load(std::memory_order_relaxed) == 0) {
          store(*entry, Pte::leaf(address_of(*frame), protection));
          ++mapped;
        } else {
          drop[unused++] = frame;
        }
      }
      ++entry;
      if (left > 0) --left;
    }
    count_entries(*site.leaf, static_cast<int>(mapped));
  }
  resident_.add_file(mapped);
  if (unused > 0) put_frames(drop.data(), unused);
}

AddressSpace::Fault AddressSpace::map_source_copy(const FaultSite& site) {
  Frame* original = nullptr;
  if (const Fault f = get_source_page(site, Write::no, original); f != Fault::resolved) return f;
  auto copy = allocate_frame(FrameUse::anonymous, Zero::no);
  if (!copy) {
    put_frame(*original);
    return Fault::no_memory;
  }
  arch::copy_page(page_pointer(**copy), page_pointer(*original));
  put_frame(*original);
  if (!install(site, **copy, Pte::leaf(address_of(**copy), page_protection(site.area.flags, PageWrite::yes))))
    put_frame(**copy);
  return Fault::resolved;
}

AddressSpace::Fault AddressSpace::write_source_page(const FaultSite& site) {
  Frame* frame = nullptr;
  if (const Fault f = get_source_page(site, Write::yes, frame); f != Fault::resolved) return f;
  const sync::LockHeld held{site.leaf->table_lock};
  // A different frame means that the page was removed and came back; then its mapping goes too, and the access faults again.
  if (load(site.entry) == site.seen && site.seen.frame() == address_of(*frame) && site.source_unchanged()) {
    store(site.entry, site.seen.with(Pte::kWrite | Pte::kDirty));
  }
  put_frame(*frame);
  return Fault::resolved;
}

}  // namespace k::mm
