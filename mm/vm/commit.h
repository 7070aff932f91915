/// How much memory has been promised: vm.overcommit_memory.
///
/// Invariants  counts pages of private writable mappings (and of shared memory, charged by its owner).
/// Context     any.
/// Errors      NOMEM.
/// Source      proc(5), /proc/sys/vm/overcommit_memory.
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"

namespace k::mm {

enum class Overcommit : int { heuristic = 0, always = 1, never = 2 };
void set_overcommit(Overcommit mode);
Overcommit overcommit();
/// What mode `never` allows in all: a share of memory, or, if not 0, so many pages.
struct CommitRoom {
  unsigned ratio_percent = 50;
  std::uint64_t pages = 0;
};
void set_commit_room(CommitRoom room);
CommitRoom commit_room();

Result<void> charge_commit(std::uint64_t pages);
void uncharge_commit(std::uint64_t pages);
/// Committed_AS and CommitLimit of /proc/meminfo, in pages.
std::uint64_t committed_pages();
std::uint64_t commit_limit_pages();

}  // namespace k::mm
