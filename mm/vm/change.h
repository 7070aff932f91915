/// Inside mm/vm: an operation that changes areas, from taking the space's lock to letting it go.
///
/// Invariants  faults run beside it, by the areas they find. Before a change touches an area, or pages of one, close() or
///             close_around() shuts faults out of it; the areas open again when the operation ends.
#pragma once

#include "mm/vm/address_space.h"

namespace k::mm {

class AddressSpace::Change {
 public:
  explicit Change(AddressSpace& space) : space_(space), held_(space.lock_) {}
  ~Change() { space_.reopen(); }

 private:
  AddressSpace& space_;
  const sync::LockHeld<Lock> held_;
};

}  // namespace k::mm
