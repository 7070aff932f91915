// The initial stack and the growth of MAP_GROWSDOWN areas.
#include <algorithm>

#include "mm/vm/change.h"
#include "mm/vm/commit.h"
#include "mm/vm/doomed.h"
#include "mm/vm/placement.h"

namespace k::mm {
namespace {

/// Room below the program's first frame: arguments are written there before the program runs.
constexpr std::uint64_t kInitialStackBytes = 33 * kPageSize;

}  // namespace

Result<void> AddressSpace::map_stack(AreaFlags protection, const MemoryLimits& limits) {
  const MapRequest request{.address = UserAddr{layout_.stack_top - kInitialStackBytes},
                           .bytes = kInitialStackBytes,
                           .flags = protection | AreaFlag::grows_down | AreaFlag::stack | AreaFlag::may_read |
                                    AreaFlag::may_write | AreaFlag::may_execute,
                           .placement = Placement::fixed_no_replace};
  TRY(map(request, limits));
  return {};
}

/// A fault below a growing area, found while the lock was held for reading: look again and extend the area down to it.
bool AddressSpace::grow_down(std::uint64_t address) {
  const Change change{*this};
  const AreaMap::Position p = areas_.position_above(address);
  Area* area = areas_.at(p);
  if (area == nullptr) return false;
  if (area->start <= address) return true;
  const std::uint64_t start = lib::align_down(address, kPageSize);
  const Area* below = areas_.before(p);
  const std::uint64_t floor =
      below == nullptr ? kLowestMapping : below->end + (below->has(AreaFlag::grows_down) ? 0 : kStackGuardBytes);
  if (!area->has(AreaFlag::grows_down) || start < floor) return false;
  if (area->end - start > stack_limit_.load(std::memory_order_relaxed)) return false;

  const std::uint64_t pages = (area->start - start) >> lib::kPageShift;
  if (area->has(AreaFlag::charged) && !charge_commit(pages)) return false;
  close(area->start, area->end);
  areas_.set_bounds(*area, start, area->end, area->offset);
  account(area->flags, static_cast<std::int64_t>(pages));
  return true;
}

}  // namespace k::mm
