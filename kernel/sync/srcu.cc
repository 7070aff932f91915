#include "kernel/sync/srcu.h"

namespace k::sync {

void SrcuCore::synchronize() {
  const unsigned old = phase_.load(std::memory_order_relaxed);
  wait_for_readers(old ^ 1);
  phase_.store(old ^ 1);
  wait_for_readers(old);
}

/// Nobody who came before is left in a counter once it was seen empty; who comes to it later is late, and sees what was written.
void SrcuCore::wait_for_readers(unsigned phase) {
  for (Line& line : lines_) {
    const Counter& readers = line.readers[phase];
    if (readers.load() == 0) [[likely]]
      continue;
    waiting_.store(true);
    gone_.wait_uninterruptible([&] { return readers.load() == 0; });
    waiting_.store(false, std::memory_order_relaxed);
  }
}

}  // namespace k::sync
