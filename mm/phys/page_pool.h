/// Inside mm/phys: the one Buddy, and how much of RAM it manages.
///
/// Lock order  Rank::buddy.
#pragma once

#include "kernel/sync/spin/guarded.h"
#include "mm/phys/buddy.h"

namespace k::mm {

struct PagePool {
  Buddy buddy;
  std::size_t total_frames = 0;
  std::size_t reserve = 0;  // frames kept for contexts that cannot wait
};
extern constinit sync::SpinGuarded<PagePool, sync::Rank::buddy> g_page_pool;

/// Frees what it can; true when another attempt is worth while. Task context, may sleep.
bool reclaim(std::size_t target, unsigned order);

}  // namespace k::mm
