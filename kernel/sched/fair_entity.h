/// FairEntity: a thread as the fair class sees it.
#pragma once

#include <cstdint>

#include "kernel/lib/treap.h"

namespace k::sched {

class Thread;

/// Times are virtual nanoseconds: real time scaled by 1024 / weight.
struct FairEntity {
  std::int64_t vruntime = 0;
  std::int64_t deadline = 0;  // virtual deadline of the current request
  std::int64_t lag = 0;       // service owed, kept while not queued
  std::uint32_t weight = 1024;
  bool started = false;  // has been queued before
  Thread* thread = nullptr;
  lib::TreapNode<FairEntity> node;
  std::int64_t min_vruntime = 0;  // of this entity's subtree

  /// While not queued. The service owed stays what it is in real time.
  void set_weight(std::uint32_t to) {
    lag = lag * weight / to;
    weight = to;
  }
};

}  // namespace k::sched
