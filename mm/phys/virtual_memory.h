/// Inside mm/phys: what reclaim needs of allocate_virtual.
#pragma once

#include <cstddef>

namespace k::mm {

/// Unmaps cached kernel stacks; returns the frames freed. Task context.
std::size_t shrink_stacks(std::size_t target);

}  // namespace k::mm
