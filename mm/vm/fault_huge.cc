// Faults that a huge page answers: the first write to 2 MiB of anonymous memory, and writes to a block shared at fork.
#include "mm/vm/address_space.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

constexpr AreaFlags kNeverHuge = AreaFlag::shared | AreaFlag::grows_down | AreaFlag::fixed_size | AreaFlag::no_huge;

bool allows_huge_pages(const Area& area) { return !area.source && (area.flags & kNeverHuge).empty(); }

bool has_huge_pages(const Area& area) {
  if (!allows_huge_pages(area)) return false;
  const HugeMode mode = huge_mode();
  return mode == HugeMode::always || (mode == HugeMode::advised && area.has(AreaFlag::huge));
}

/// Whether all 2 MiB from `base` may become one page. A first read shows the small zero page instead.
bool wants_huge(const Area& area, std::uint64_t base, Access access) {
  if (access != Access::write || base < area.start || base + kLeafBytes > area.end) return false;
  return has_huge_pages(area);
}

bool has_room(const Area& area) {
  const std::uint64_t first = lib::align_up(area.start, kLeafBytes);
  return first < area.end && area.end - first >= kLeafBytes;
}

}  // namespace

bool may_get_huge_page(const Area& area) { return has_room(area) && has_huge_pages(area); }
bool may_collapse(const Area& area) { return has_room(area) && allows_huge_pages(area) && is_accessible(area.flags); }

/// True when the fault is done with; false when it needs a leaf table.
bool AddressSpace::answer_by_huge_page(const Area& area, std::uint64_t page, Access access, Entry& slot, Pte seen) {
  // What is forced is written to a small page: the block's rights stay.
  if (seen.huge()) return !writes(access) || seen.writable() || (access == Access::write && take_huge(slot, seen));
  const std::uint64_t base = lib::align_down(page, kLeafBytes);
  if (!seen.empty() || !wants_huge(area, base, access)) return false;
  Frame* const block = allocate_huge();
  if (block == nullptr) return false;
  if (!install_huge(slot, *block, page_protection(area.flags, PageWrite::yes))) {
    drop_share(*block);
    return false;
  }
  resident_.add(*block, kHugeFrames);
  return true;
}

}  // namespace k::mm
