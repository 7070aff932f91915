/// The parent of a vfork(2) child waits until the child has left the shared memory, by exec or exit.
/// Context     task context.
#pragma once

#include <atomic>

#include "kernel/lib/ref.h"
#include "kernel/sync/wait_queue.h"

namespace k::task {

/// Shared by parent and child, because a fatal signal may end the parent's wait first.
struct VforkWait : lib::RefCounted {
  std::atomic<bool> done{false};
  sync::WaitQueue queue;

  void finish() {
    done.store(true, std::memory_order_release);
    queue.wake_all();
  }
};

}  // namespace k::task
