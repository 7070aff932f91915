/// PROT_* to the flags of an area.
#pragma once

#include <linux/mman.h>

#include "kernel/lib/flags.h"
#include "mm/vm/area.h"

namespace k::sys {

inline mm::AreaFlags protection_of(lib::Flags protection) {
  mm::AreaFlags flags;
  if (protection.has(PROT_READ)) flags = flags | mm::AreaFlag::read;
  if (protection.has(PROT_WRITE)) flags = flags | mm::AreaFlag::write;
  if (protection.has(PROT_EXEC)) flags = flags | mm::AreaFlag::execute;
  return flags;
}

}  // namespace k::sys
