#include "mm/vm/page_tables.h"

#include "kernel/sync/rcu.h"
#include "mm/vm/table_cache.h"

namespace k::mm {

Result<void> PageTables::init() {
  top_ = TRY(take_top_table());
  return {};
}

/// Every upper table knows its place, so its parent's entry is cleared without a search; children go first.
PageTables::~PageTables() {
  if (top_ == nullptr) return;
  const auto parent_of = [this](const Frame& frame, unsigned level) -> Entry& {
    Entry& entry = top().entries[arch::level_index(frame.owner.word, 4)];
    return level == 3 ? entry : table_at(load(entry)).entries[arch::level_index(frame.owner.word, 3)];
  };
  for (unsigned level = 2; level <= 3; ++level) {
    for (Frame* frame = (level == 2 ? level2_ : level3_).load(std::memory_order_relaxed); frame != nullptr;) {
      Frame* next = static_cast<Frame*>(frame->owner.pointer);
      store(parent_of(*frame, level), Pte{});
      give_table(*frame);
      frame = next;
    }
  }
  give_top_table(*top_);
}

Entry* PageTables::slot(std::uint64_t address) const {
  const Pte upper = load(top().entries[arch::level_index(address, 4)]);
  if (upper.empty()) return nullptr;
  const Pte middle = load(table_at(upper).entries[arch::level_index(address, 3)]);
  if (middle.empty()) return nullptr;
  return &table_at(middle).entries[arch::level_index(address, 2)];
}

Result<Entry*> PageTables::make_slot(std::uint64_t address) {
  Entry& first = top().entries[arch::level_index(address, 4)];
  Pte upper = load(first);
  if (upper.empty()) [[unlikely]]
    upper = TRY(install(first, address, 3));
  Entry& second = table_at(upper).entries[arch::level_index(address, 3)];
  Pte middle = load(second);
  if (middle.empty()) [[unlikely]]
    middle = TRY(install(second, address, 2));
  return &table_at(middle).entries[arch::level_index(address, 2)];
}

/// Puts a fresh table of `level` into `entry`, or takes what another thread put there first.
Result<Pte> PageTables::install(Entry& entry, std::uint64_t address, unsigned level) {
  Frame* frame = TRY(take_table());
  const Pte fresh = Pte::table(address_of(*frame));
  std::uint64_t seen = 0;
  if (!entry.compare_exchange_strong(seen, fresh.raw(), std::memory_order_acq_rel)) {
    give_table(*frame);
    return Pte{seen};
  }
  push(level == 2 ? level2_ : level3_, *frame, address);
  return fresh;
}

void PageTables::push(List& list, Frame& frame, std::uint64_t address) {
  frame.owner.word = address;
  upper_count_.fetch_add(1, std::memory_order_relaxed);
  Frame* head = list.load(std::memory_order_relaxed);
  do {
    frame.owner.pointer = head;
  } while (!list.compare_exchange_weak(head, &frame, std::memory_order_release, std::memory_order_relaxed));
}

Pte PageTables::find(std::uint64_t address) const {
  const sync::rcu::ReadGuard guard;  // a shared leaf table may be replaced meanwhile
  const Entry* at = slot(address);
  if (at == nullptr) return {};
  const Pte leaf = load(*at);
  if (leaf.empty()) return {};
  if (leaf.huge()) return small_entry(leaf, arch::level_index(address, 1));
  return load(table_at(leaf).entries[arch::level_index(address, 1)]);
}

}  // namespace k::mm
