/// One page that belongs to user mode, in the kernel's own tables: what SMEP and SMAP must keep the kernel from.
#pragma once

#include <cstdint>

namespace k::arch {

/// Where user mode would see the page; null when memory is exhausted.
std::uint8_t* map_user_page();
/// The same page as the kernel may touch it.
std::uint8_t* page_of_user_page();

}  // namespace k::arch
