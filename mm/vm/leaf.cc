#include "mm/vm/leaf.h"

#include <new>

#include "kernel/lib/assert.h"
#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/huge.h"
#include "mm/vm/table_cache.h"

namespace k::mm {
namespace {

/// Frame::flags of a leaf table that was shared once: SourceMappings::unmap_pages may still look at it.
constexpr std::uint16_t kWasShared = 1;

/// One non-empty entry, as both tables are to hold it.
Pte inherit(Pte pte) {
  if (pte.special()) return pte;
  Frame& frame = frame_of(pte.frame());
  frame.ref();
  return pte.writable() && frame.use == FrameUse::anonymous ? pte.without(Pte::kWrite) : pte;
}

/// `from` is locked, `to` is not reachable by others.
bool inherit_entries(Frame& from, Frame& to, unsigned first, unsigned last) {
  arch::PageTable& source = table_of(from);
  arch::PageTable& target = table_of(to);
  const unsigned all = from.map_count.load(std::memory_order_relaxed);
  unsigned left = all;
  bool protected_any = false;
  for (unsigned i = first; i < last && left > 0; ++i) {
    const Pte pte{source.entries[i].load(std::memory_order_relaxed)};
    if (pte.empty()) continue;
    --left;
    const Pte inherited = inherit(pte);
    if (!(inherited == pte)) {
      store(source.entries[i], inherited);
      protected_any = true;
    }
    target.entries[i].store(inherited.raw(), std::memory_order_relaxed);
  }
  count_entries(to, static_cast<int>(all - left));
  return protected_any;
}

Result<Frame*> install_leaf(Entry& slot) {
  Frame* frame = TRY(take_table());
  std::uint64_t seen = 0;
  if (slot.compare_exchange_strong(seen, Pte::table(address_of(*frame)).raw(), std::memory_order_acq_rel)) return frame;
  give_table(*frame);
  return nullptr;  // another thread was first
}

/// Puts a copy of the shared table in the slot, or takes the table over when the other sharers are gone.
/// Returns null when the slot has changed meanwhile.
Result<Frame*> unshare(Entry& slot, Pte seen, std::uint64_t address, sched::SpaceBinding& binding) {
  Frame& old = leaf_frame(seen);
  if (old.references.load(std::memory_order_acquire) == 1) {
    // Only this space's fork could share it again, and that shuts faults out.
    std::uint64_t expected = seen.raw();
    slot.compare_exchange_strong(expected, seen.with(Pte::kWrite).raw(), std::memory_order_acq_rel);
    return &old;
  }
  Frame* fresh = TRY(take_table());
  {
    const sync::LockHeld held{old.table_lock};
    if (load(slot) != seen) {
      give_table(*fresh);
      return nullptr;
    }
    inherit_entries(old, *fresh, 0, arch::kEntriesPerTable);
    store(slot, Pte::table(address_of(*fresh)));
  }
  TlbGather gather{binding};
  // Any address in the 2 MiB: flushing one page also drops cached upper levels.
  gather.changed(lib::align_down(address, kPageSize));
  gather.flush();
  if (old.references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    Entry last{seen.raw()};
    old.references.store(1, std::memory_order_relaxed);
    drop_leaf(last, lib::align_down(address, kLeafBytes), gather, nullptr);
  }
  return fresh;
}

}  // namespace

Result<Frame*> own_leaf(Entry& slot, std::uint64_t address, sched::SpaceBinding& binding) {
  for (;;) {
    const Pte pte = load(slot);
    Frame* leaf = nullptr;
    if (is_own_leaf(pte)) [[likely]]
      return &leaf_frame(pte);
    if (pte.empty()) {
      leaf = TRY(install_leaf(slot));
    } else if (pte.huge()) {
      leaf = TRY(split_huge(slot, pte, lib::align_down(address, kLeafBytes), binding));
    } else {
      leaf = TRY(unshare(slot, pte, address, binding));
    }
    if (leaf != nullptr) return leaf;
  }
}

void drop_entries(Frame& leaf, const DropRange& range, TlbGather& gather, ResidentPages* resident) {
  arch::PageTable& table = table_of(leaf);
  std::int64_t anonymous = 0, file = 0;
  {
    const sync::LockHeld held{leaf.table_lock};
    unsigned left = leaf.map_count.load(std::memory_order_relaxed);
    for (unsigned i = range.first; i < range.last && left > 0; ++i) {
      const Pte pte{table.entries[i].load(std::memory_order_relaxed)};
      if (pte.empty()) continue;
      store(table.entries[i], Pte{});
      --left;
      gather.changed(range.base + i * kPageSize);
      if (pte.special()) continue;
      Frame& frame = frame_of(pte.frame());
      ++(frame.use == FrameUse::anonymous ? anonymous : file);
      gather.drop(frame);
    }
    leaf.map_count.store(left, std::memory_order_relaxed);
  }
  if (resident == nullptr) return;
  if (anonymous != 0) resident->add_anonymous(-anonymous);
  if (file != 0) resident->add_file(-file);
}

namespace {

/// What a shared table maps leaves this space's count, though the others keep it.
void uncount_entries(Frame& leaf, ResidentPages& resident) {
  const sync::LockHeld held{leaf.table_lock};
  unsigned left = leaf.map_count.load(std::memory_order_relaxed);
  for (unsigned i = 0; left > 0; ++i) {
    const Pte pte{table_of(leaf).entries[i].load(std::memory_order_relaxed)};
    if (pte.empty()) continue;
    --left;
    if (!pte.special()) resident.add(frame_of(pte.frame()), -1);
  }
}

}  // namespace

void drop_leaf(Entry& slot, std::uint64_t base, TlbGather& gather, ResidentPages* resident) {
  const Pte pte = load(slot);
  if (drop_huge(slot, pte, base, gather, resident)) return;
  Frame& leaf = leaf_frame(pte);
  store(slot, Pte{});
  gather.changed(base, base + kLeafBytes);
  if (is_shared(pte)) {
    if (resident != nullptr) uncount_entries(leaf, *resident);
    if (leaf.references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  }
  drop_entries(leaf, {base, 0, arch::kEntriesPerTable}, gather, is_shared(pte) ? nullptr : resident);
  gather.free_table(leaf);
}

void release_leaf(Frame& leaf) {
  if ((leaf.flags.load(std::memory_order_relaxed) & kWasShared) == 0) return give_table(leaf);
  static_assert(sizeof(sync::rcu::Head) <= sizeof leaf.owner);
  auto* head = new (&leaf.owner) sync::rcu::Head;
  sync::rcu::call(*head, [](sync::rcu::Head* h) {
    give_table(*reinterpret_cast<Frame*>(reinterpret_cast<char*>(h) - __builtin_offsetof(Frame, owner)));
  });
}

bool copy_entries(Frame& from, Frame& to, unsigned first, unsigned last) {
  const sync::LockHeld held{from.table_lock};
  return inherit_entries(from, to, first, last);
}

void share_leaf(Entry& parent, Entry& child) {
  const Pte shared = load(parent).without(Pte::kWrite);
  Frame& leaf = leaf_frame(shared);
  leaf.flags.store(kWasShared, std::memory_order_relaxed);
  leaf.references.fetch_add(1, std::memory_order_relaxed);
  store(parent, shared);
  store(child, shared);
}

}  // namespace k::mm
