// brk(2).
#include "mm/vm/change.h"
#include "mm/vm/doomed.h"
#include "mm/vm/placement.h"

namespace k::mm {
namespace {

constexpr AreaFlags kHeapFlags =
    AreaFlag::read | AreaFlag::write | AreaFlag::may_read | AreaFlag::may_write | AreaFlag::may_execute;

}  // namespace

bool AddressSpace::grow_break(std::uint64_t from, std::uint64_t to, const MemoryLimits& limits, Doomed& doomed) {
  if (from == to) return true;
  const Area* above = areas_.first_above(from);
  const std::uint64_t gap = above != nullptr && above->has(AreaFlag::grows_down) ? kStackGuardBytes : 0;
  if (to > arch::kUserEnd || (above != nullptr && above->start < to + gap)) return false;
  const MapRequest request{
      .address = UserAddr{from}, .bytes = to - from, .flags = kHeapFlags, .placement = Placement::fixed_no_replace};
  return map_locked(request, to - from, limits, doomed).has_value();
}

UserAddr AddressSpace::set_break(UserAddr wanted, const MemoryLimits& limits) {
  Doomed doomed;
  std::uint64_t populate_from = 0, populate_to = 0;
  {
    const Change change{*this};
    const std::uint64_t old = layout_.brk, data = layout_.end_data - layout_.start_data;
    if (wanted.value < layout_.start_brk || wanted.value > arch::kUserEnd) return UserAddr{old};
    if (wanted.value - layout_.start_brk + data > limits.data) return UserAddr{old};
    const std::uint64_t from = lib::align_up(old, kPageSize), to = lib::align_up(wanted.value, kPageSize);
    if (to < from ? !unmap_locked(to, from, doomed) : !grow_break(from, to, limits, doomed)) return UserAddr{old};
    layout_.brk = wanted.value;
    if (populates_new_areas() && to > from) populate_from = from, populate_to = to;
  }
  if (populate_to > populate_from) (void)populate(UserAddr{populate_from}, populate_to - populate_from, Write::yes);
  return wanted;
}

}  // namespace k::mm
