/// FairEntity: a thread as the fair class sees it.
#pragma once

#include <cstdint>

namespace k::sched {

/// Times are virtual nanoseconds: real time scaled by 1024 / weight. Node of FairTree.
struct FairEntity {
  std::int64_t vruntime = 0;
  std::int64_t deadline = 0;   // virtual deadline of the current request
  std::int64_t lag = 0;        // service owed, kept while not queued
  std::uint32_t weight = 1024;
  std::uint32_t tree_priority = 0;  // FairTree's heap order
  FairEntity *left = nullptr, *right = nullptr, *parent = nullptr;
  std::int64_t min_vruntime = 0;  // of this subtree
  bool queued = false;
};

}  // namespace k::sched
