/// Who waits for what whose owner: the graph that priorities are inherited through. Data only; kernel/sync/pi.h works on it.
///
/// Invariants  a thread waits for at most one PiLock. A lock with waiters has an owner, except while that owner leaves. The
///             waiters of a lock stand in order of priority, equal ones in order of arrival.
/// Lock order  under sync::g_pi_graph, but for the two atomics.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/queue.h"

namespace k::sched {

class Thread;
struct PiLock;

/// A thread's place among the waiters of a lock: a record on its stack.
struct PiWaiter {
  explicit PiWaiter(Thread& t) : thread(&t) {}
  Thread* thread;
  PiLock* lock = nullptr;  // null: not waiting, or the lock is its own now
  int order = 0;           // by which it stands among the others
  lib::QueueNode<PiWaiter> node;
};

/// What one thread owns and others wait for.
struct PiLock {
  Thread* owner = nullptr;
  lib::Queue<PiWaiter, &PiWaiter::node> waiters;
  lib::QueueNode<PiLock> node;  // in the owner's `owned`
};

/// Whether a thread can still be found as an owner.
enum class PiStage : std::uint8_t {
  alive,
  leaving,  // gives its locks up: look again soon
  gone,
};

struct PiLinks {
  lib::Queue<PiLock, &PiLock::node> owned;
  PiWaiter* waiting = nullptr;
  std::atomic<std::uint32_t> owned_count{0};
  std::atomic<PiStage> stage{PiStage::alive};
};

}  // namespace k::sched
