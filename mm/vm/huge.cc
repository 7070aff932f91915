#include "mm/vm/huge.h"

#include <array>

#include "kernel/lib/assert.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/table_cache.h"

namespace k::mm {
namespace {

/// Frame::flags of a block's first frame: a sharer split it, so frames may have references besides the block's.
constexpr std::uint16_t kWasSplit = 2;
/// Huge pages are a luxury: this part of memory stays for small ones.
constexpr std::size_t kKeptFree = 8;

/// Less memory than this has better uses.
constexpr std::size_t kLeastFrames = (std::size_t{512} << 20) / kPageSize;

constinit std::atomic<HugeMode> g_mode{HugeMode::never};
constinit std::atomic<std::int64_t> g_blocks{0};

void count_blocks(std::int64_t n) { g_blocks.fetch_add(n, std::memory_order_relaxed); }

/// The level-2 table that the slot is in: its lock guards the slots' huge state.
Frame& directory_of(Entry& slot) { return frame_of(arch::virt_to_phys(&slot)); }

/// The last sharer's frames become ordinary ones.
void dissolve(Frame& block) {
  block.map_count.store(0, std::memory_order_relaxed);
  block.flags.store(0, std::memory_order_relaxed);
  count_blocks(-1);
}

void put_block_frames(Frame& block) {
  std::array<Frame*, 64> some;
  for (unsigned i = 0; i < kHugeFrames; i += some.size()) {
    for (unsigned j = 0; j < some.size(); ++j) some[j] = &block + i + j;
    put_frames(some.data(), some.size());
  }
}

void fill_table(Frame& leaf, Pte huge) {
  arch::PageTable& table = table_of(leaf);
  for (unsigned i = 0; i < kHugeFrames; ++i)
    table.entries[i].store(small_entry(huge, i).raw(), std::memory_order_relaxed);
  leaf.map_count.store(kHugeFrames, std::memory_order_relaxed);
}

/// From a share of the block to a reference of each frame.
void take_references(Frame& block) {
  if (block.map_count.load(std::memory_order_acquire) == 1) return dissolve(block);
  for (unsigned i = 0; i < kHugeFrames; ++i) (&block + i)->ref();
  block.flags.fetch_or(kWasSplit, std::memory_order_relaxed);
  if (block.map_count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // The other sharers left meanwhile: the block's own references are nobody's.
  dissolve(block);
  put_block_frames(block);
}

}  // namespace

void init_huge_mode() {
  if (memory_counters().total_frames >= kLeastFrames) set_huge_mode(HugeMode::always);
}
HugeMode huge_mode() { return g_mode.load(std::memory_order_relaxed); }
void set_huge_mode(HugeMode mode) { g_mode.store(mode, std::memory_order_relaxed); }

std::size_t huge_frames() {
  const std::int64_t blocks = g_blocks.load(std::memory_order_relaxed);
  return blocks > 0 ? static_cast<std::size_t>(blocks) * kHugeFrames : 0;
}

Frame* allocate_huge() {
  Frame* const block = try_allocate_block(FrameUse::anonymous, kHugeOrder, kKeptFree);
  if (block == nullptr) return nullptr;
  block->order = 0;
  block->map_count.store(1, std::memory_order_relaxed);
  count_blocks(1);
  return block;
}

void drop_share(Frame& block) {
  if (block.map_count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  dissolve(block);
  bool whole = true;
  for (unsigned i = 0; i < kHugeFrames && whole; ++i)
    whole = (&block + i)->references.load(std::memory_order_acquire) == 1;
  if (!whole) return put_block_frames(block);
  block.order = kHugeOrder;
  free_block(block, kHugeOrder);
}

bool install_huge(Entry& slot, Frame& block, arch::PageProtection protection) {
  std::uint64_t empty = 0;
  const Pte pte = Pte::leaf(address_of(block), protection).with(Pte::kHuge);
  return slot.compare_exchange_strong(empty, pte.raw(), std::memory_order_acq_rel);
}

void share_huge(Entry& parent, Entry& child) {
  const Pte shared = load(parent).without(Pte::kWrite);
  leaf_frame(shared).map_count.fetch_add(1, std::memory_order_relaxed);
  store(parent, shared);
  store(child, shared);
}

bool take_huge(Entry& slot, Pte seen) {
  const sync::LockHeld held{directory_of(slot).table_lock};
  if (load(slot) != seen) return false;
  Frame& block = leaf_frame(seen);
  // Only this space's fork could share it again, and that shuts faults out.
  if (block.map_count.load(std::memory_order_acquire) != 1) return false;
  if ((block.flags.load(std::memory_order_relaxed) & kWasSplit) != 0) return false;
  store(slot, seen.with(Pte::kWrite | Pte::kDirty));
  return true;
}

Result<Frame*> split_huge(Entry& slot, Pte seen, std::uint64_t base, sched::SpaceBinding& binding) {
  Frame* const leaf = TRY(take_table());
  {
    const sync::LockHeld held{directory_of(slot).table_lock};
    if (load(slot) != seen) {
      give_table(*leaf);
      return nullptr;
    }
    fill_table(*leaf, seen);
    take_references(leaf_frame(seen));
    store(slot, Pte::table(address_of(*leaf)));
  }
  // No CPU keeps the large translation beside the small ones.
  TlbGather{binding}.changed(base);
  return leaf;
}

bool drop_huge(Entry& slot, Pte seen, std::uint64_t base, TlbGather& gather, ResidentPages* resident) {
  if (!seen.huge()) return false;
  {
    const sync::LockHeld held{directory_of(slot).table_lock};
    if (load(slot) != seen) return false;
    store(slot, Pte{});
  }
  gather.changed(base, base + kLeafBytes);
  Frame& block = leaf_frame(seen);
  if (resident != nullptr) resident->add(block, -static_cast<std::int64_t>(kHugeFrames));
  gather.drop_block(block);
  return true;
}

Frame* hold_in_huge(Entry& slot, Pte seen, std::uint64_t address) {
  const sync::LockHeld held{directory_of(slot).table_lock};
  if (load(slot) != seen) return nullptr;
  Frame* const frame = &leaf_frame(seen) + arch::level_index(address, 1);
  frame->ref();
  return frame;
}

}  // namespace k::mm
