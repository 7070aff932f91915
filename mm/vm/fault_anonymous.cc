// Faults on memory without a source: the zero page, fresh pages, and copies of private pages.
#include "mm/phys/page_alloc.h"
#include "mm/vm/fault_site.h"

namespace k::mm {
namespace {

Pte leaf_for(const Frame& frame, AreaFlags area, PageWrite write) {
  return Pte::leaf(address_of(frame), page_protection(area, write));
}

}  // namespace

AddressSpace::Fault AddressSpace::map_zero_page(const FaultSite& site) {
  auto zero = zero_frame();
  if (!zero) [[unlikely]]
    return Fault::no_memory;
  install(site, **zero, leaf_for(**zero, site.area.flags, PageWrite::no).with(Pte::kSpecial));
  return Fault::resolved;
}

AddressSpace::Fault AddressSpace::put_fresh_page(const FaultSite& site) {
  auto frame = allocate_frame(FrameUse::anonymous, Zero::yes);
  if (!frame) [[unlikely]]
    return Fault::no_memory;
  if (!install(site, **frame, leaf_for(**frame, site.area.flags, PageWrite::yes))) {
    put_frame(**frame);
  } else if (!site.seen.empty()) {
    TlbGather{binding_}.changed(site.page);
  }
  return Fault::resolved;
}

AddressSpace::Fault AddressSpace::copy_page(const FaultSite& site) {
  auto copy = allocate_frame(FrameUse::anonymous, Zero::no);
  if (!copy) [[unlikely]]
    return Fault::no_memory;
  Frame& old = frame_of(site.seen.frame());
  arch::copy_page(page_pointer(**copy), page_pointer(old));
  // `old` stays: the entry holds a reference while it is unchanged, and install() sees whether it is.
  if (!install(site, **copy, leaf_for(**copy, site.area.flags, PageWrite::yes))) {
    put_frame(**copy);
    return Fault::resolved;
  }
  resident_.add(old, -1);
  TlbGather gather{binding_};
  gather.changed(site.page);
  gather.drop(old);
  return Fault::resolved;
}

AddressSpace::Fault AddressSpace::take_page(const FaultSite& site) {
  const sync::LockHeld held{site.leaf->table_lock};
  if (load(site.entry) == site.seen) store(site.entry, site.seen.with(Pte::kWrite | Pte::kDirty));
  return Fault::resolved;
}

}  // namespace k::mm
