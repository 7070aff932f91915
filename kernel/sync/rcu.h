/// RCU: readers that take no lock, and reclamation after all of them are gone.
///
/// Invariants  a reader is a region with preemption off. A CPU is quiescent when it switches threads, returns to user mode,
///             idles, or is interrupted where preemption is on. A callback runs after every CPU was quiescent since call().
///             A grace period starts when callbacks have gathered (or someone waits) and needs nothing from an idle CPU.
/// Lock order  Rank::rcu.
/// Context     ReadGuard, call: any but NMI. synchronize: task context. Callbacks: the rcu thread, preemptible; they may
///             free memory and take sleeping locks, not wait long.
/// Errors      none: call() uses the Head inside the object.
#pragma once

#include <atomic>

#include "kernel/sync/spin/preempt.h"

namespace k::sync::rcu {

class ReadGuard {
 public:
  ReadGuard() { preempt_disable(); }
  ~ReadGuard() { preempt_enable(); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;
};

/// Lives in the object to be reclaimed.
struct Head {
  Head* next = nullptr;
  void (*function)(Head*) = nullptr;
};
void call(Head& head, void (*function)(Head*));
/// Waits for a grace period.
void synchronize();
/// Waits until every callback queued so far has run: before reporting memory as leaked, at teardown.
void barrier();

/// Deletes `object` after a grace period; its type has a member `rcu::Head rcu_head`.
template <class T>
void free_later(T* object) {
  call(object->rcu_head, [](Head* head) {
    delete reinterpret_cast<T*>(reinterpret_cast<char*>(head) - __builtin_offsetof(T, rcu_head));
  });
}

/// Publishes and reads RCU-protected pointers.
template <class T>
void assign(std::atomic<T*>& slot, T* value) {
  slot.store(value, std::memory_order_release);
}
template <class T>
T* load(const std::atomic<T*>& slot) {
  return slot.load(std::memory_order_acquire);
}

// -- Calls from kernel/sched, kernel/irq and the return to user mode.
/// This CPU holds no reader now.
void quiescent();
void idle_enter();
void idle_exit();
/// Starts the thread that runs callbacks; callbacks queued before wait for it.
void start();

}  // namespace k::sync::rcu
