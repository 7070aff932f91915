/// Inside mm/vm: areas taken out of a space, freed after its lock is dropped.
///
/// Invariants  declared before the lock guard, so that it dies after it: dropping a source may end in a file's release, which takes
///             locks that come before Rank::mmap.
#pragma once

#include "mm/vm/address_space.h"

namespace k::mm {

struct AddressSpace::Doomed {
  Doomed() = default;
  Doomed(const Doomed&) = delete;
  Doomed& operator=(const Doomed&) = delete;
  ~Doomed() {
    while (first != nullptr) delete std::exchange(first, first->next_doomed);
  }
  void add(Area& area) { area.next_doomed = std::exchange(first, &area); }

  Area* first = nullptr;
};

}  // namespace k::mm
