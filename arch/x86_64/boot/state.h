/// What early boot found out and later boot needs.
#pragma once

#include <cstdint>

#include "arch/include/arch/page_table.h"
#include "arch/x86_64/boot/placement.h"

namespace k::arch {

/// The kernel's own top-level table; its upper half is in every address space.
extern constinit PageTable g_kernel_root;

namespace boot {

struct State {
  Placement placement;
  std::uint64_t image_physical = 0;
  std::uint64_t end_of_ram = 0;
};
extern constinit State g_state;

}  // namespace boot
}  // namespace k::arch
