/// LockGraph: who waits for whose record lock, so that a wait that would close a circle is refused.
///
/// Invariants  an edge lives on its waiter's stack for the length of the wait.
/// Lock order  a spin lock of its own, Rank::inode; nothing inside, and not taken with FileLocks' state held.
/// Context     task context.
/// Source      fcntl(2), EDEADLK.
#pragma once

#include "kernel/lib/list.h"

namespace k::fs {

class LockEdge {
 public:
  explicit LockEdge(const void* waiter);
  ~LockEdge();
  LockEdge(const LockEdge&) = delete;
  LockEdge& operator=(const LockEdge&) = delete;

  /// Points the edge at `holder`; false when that closes a circle.
  bool wait_for(const void* holder);

 private:
  struct Graph;
  static Graph& graph();
  lib::ListNode node_;
  const void* waiter_;
  const void* holder_ = nullptr;
};

}  // namespace k::fs
