/// What a page fault needs, decided from the mapping, the access and the page-table entry alone.
///
/// Invariants  pure: every combination is a case of test/unit/mm/vm/fault_decision_test.cc. `nothing` is returned only when the entry
///             allows the access as it stands.
/// Source      mmap(2); Intel SDM volume 3, 4.6 and 4.7.
#pragma once

#include "arch/include/arch/page_table.h"
#include "mm/vm/area.h"

namespace k::mm {

/// The forced ones are a debugger's, which may look at what the program may not, and write to pages that are private; what it writes
/// is a copy, and the program's rights stay.
enum class Access : std::uint8_t { read, write, execute, forced_read, forced_write };

constexpr bool writes(Access access) { return access == Access::write || access == Access::forced_write; }
constexpr bool is_forced(Access access) { return access == Access::forced_read || access == Access::forced_write; }

enum class FaultAction : std::uint8_t {
  refuse,             // the area forbids the access
  nothing,            // another thread was faster
  map_zero_page,      // first read of anonymous memory
  map_fresh_page,     // first write of anonymous memory
  map_source_page,    // first access through a shared mapping, first read of a private one
  map_source_copy,    // first write of a private mapping of a source
  replace_by_fresh,   // write where the zero page is
  copy_page,          // write of a private page that others see
  take_page,          // write of a private page that nobody else sees any more
  write_source_page,  // first write through a shared mapping that was read before
};

/// The entry, and what its frame tells.
struct EntryView {
  arch::Pte pte;
  bool anonymous = false;   // the frame belongs to no source
  bool sole_owner = false;  // and this entry holds its only reference
};

constexpr bool permits(AreaFlags area, Access access) {
  switch (access) {
    case Access::write:
      return area.has(AreaFlag::write);
    case Access::execute:
      return area.has(AreaFlag::execute);
    case Access::read:  // x86 cannot tell read from write or execute rights
      return !(area & (AreaFlag::read | AreaFlag::write | AreaFlag::execute)).empty();
    case Access::forced_read:
      return area.has(AreaFlag::may_read);
    case Access::forced_write:
      return area.has(AreaFlag::write) || (area.has(AreaFlag::may_write) && !area.has(AreaFlag::shared));
  }
  return false;
}

constexpr FaultAction decide_first(bool has_source, AreaFlags area, Access access) {
  if (!has_source) return writes(access) ? FaultAction::map_fresh_page : FaultAction::map_zero_page;
  if (!writes(access) || area.has(AreaFlag::shared)) return FaultAction::map_source_page;
  return FaultAction::map_source_copy;
}

constexpr FaultAction decide(bool has_source, AreaFlags area, Access access, const EntryView& entry) {
  if (!permits(area, access)) return FaultAction::refuse;
  if (entry.pte.empty()) return decide_first(has_source, area, access);
  if (!writes(access) || entry.pte.writable()) return FaultAction::nothing;
  if (area.has(AreaFlag::shared)) return FaultAction::write_source_page;
  if (entry.pte.special()) return FaultAction::replace_by_fresh;
  if (!entry.anonymous || !entry.sole_owner) return FaultAction::copy_page;
  return area.has(AreaFlag::write) ? FaultAction::take_page : FaultAction::nothing;
}

/// The hardware rights of an area's pages; `writable` is false for pages that must be copied or reported first.
enum class PageWrite : bool { no, yes };
constexpr arch::PageProtection page_protection(AreaFlags area, PageWrite write) {
  return {.write = write == PageWrite::yes && area.has(AreaFlag::write), .execute = area.has(AreaFlag::execute)};
}
constexpr bool is_accessible(AreaFlags area) { return permits(area, Access::read); }
/// The entry of a page in an area without access: it keeps its frame, and the hardware sees nothing.
constexpr arch::Pte hidden(arch::Pte pte) {
  return pte.without(arch::Pte::kPresent | arch::Pte::kNoExecute | arch::Pte::kWrite);
}

}  // namespace k::mm
