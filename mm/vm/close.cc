// Shutting faults out of areas that an operation is about to change.
#include <algorithm>

#include "mm/vm/address_space.h"

namespace k::mm {

/// Closes the areas that lie in [start, end), each as a whole.
void AddressSpace::close_around(std::uint64_t start, std::uint64_t end) {
  const Area* const first = areas_.first_above(start);
  if (first != nullptr && first->start < end) {
    start = std::min(start, first->start);
    const Area* const last = first->end < end ? areas_.find(end - 1) : first;
    if (last != nullptr) end = std::max(end, last->end);
  }
  close(start, end);
}

/// Keeps faults out of [start, end), and waits for those that are inside. What was closed before in this operation, and what lies
/// between, is closed too.
void AddressSpace::close(std::uint64_t start, std::uint64_t end) {
  if (closed_from_ <= start && end <= closed_to_) return;
  closed_from_.store(std::min(start, closed_from_.load()));
  closed_to_.store(std::max(end, closed_to_.load()));
  faults_.synchronize();
  areas_.free_retired();
}

void AddressSpace::reopen() {
  if (closed_to_.load(std::memory_order_relaxed) == 0) return;
  closed_to_.store(0, std::memory_order_release);
  closed_from_.store(~std::uint64_t{0}, std::memory_order_relaxed);
}

bool AddressSpace::is_closed(const Area& area) const { return is_closed(area.start) && is_closed(area.end - 1); }

}  // namespace k::mm
