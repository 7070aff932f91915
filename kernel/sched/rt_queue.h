/// RtQueue: SCHED_FIFO and SCHED_RR threads of one CPU, by priority, in order of arrival within one.
///
/// Invariants  holds queued threads only, not the running one. O(1).
/// Context     pure; the run queue's lock guards it.
/// Source      sched(7).
#pragma once

#include <cstdint>

#include "kernel/lib/queue.h"
#include "kernel/sched/policy.h"

namespace k::sched {

class Thread;

struct RtEntity {
  Thread* thread = nullptr;
  lib::QueueNode<RtEntity> node;
  std::uint8_t priority = 0;  // 1 .. 99, higher runs first
  std::uint64_t slice_left_ns = kRrSliceNs;
};

class RtQueue {
 public:
  void push_back(RtEntity& e) {
    levels_[e.priority].push_back(e);
    mark(e.priority);
  }
  /// A preempted thread stays first of its priority.
  void push_front(RtEntity& e) {
    levels_[e.priority].push_front(e);
    mark(e.priority);
  }
  void erase(RtEntity& e) {
    levels_[e.priority].erase(e);
    if (levels_[e.priority].empty()) words_[e.priority / 64] &= ~(std::uint64_t{1} << (e.priority % 64));
  }
  /// 0 when empty.
  unsigned top_priority() const {
    if (words_[1] != 0) return 127 - static_cast<unsigned>(__builtin_clzll(words_[1]));
    return words_[0] != 0 ? 63 - static_cast<unsigned>(__builtin_clzll(words_[0])) : 0;
  }
  bool empty() const { return (words_[0] | words_[1]) == 0; }
  RtEntity* first() const { return empty() ? nullptr : levels_[top_priority()].front(); }
  RtEntity* take_next() {
    RtEntity* const e = first();
    if (e != nullptr) erase(*e);
    return e;
  }

 private:
  void mark(unsigned priority) { words_[priority / 64] |= std::uint64_t{1} << (priority % 64); }

  lib::Queue<RtEntity, &RtEntity::node> levels_[kMaxRtPriority + 1];
  std::uint64_t words_[2] = {};
};

}  // namespace k::sched
