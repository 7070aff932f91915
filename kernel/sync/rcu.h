/// RCU: readers that take no lock, and reclamation after all of them are gone.
///
/// Invariants  a reader is a region with preemption off. A CPU is quiescent when it switches threads, returns to user mode,
///             idles, or is interrupted where preemption is on. A callback runs after every CPU was quiescent since call().
///             A grace period starts when callbacks have gathered, when a CPU with callbacks idles, or when someone waits; it
///             needs nothing from an idle CPU, and only a flag test in each switch of a busy one.
/// Lock order  Rank::rcu.
/// Context     ReadGuard, call: any but NMI. synchronize: task context. Callbacks: the rcu thread, preemptible; they may
///             free memory and take sleeping locks, not wait long.
/// Errors      none: call() uses the Head inside the object.
#pragma once

#include <atomic>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/result.h"
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
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winvalid-offsetof"  // well defined in clang for classes without virtual bases
template <class T>
void free_later(T* object) {
  call(object->rcu_head, [](Head* head) {
    delete reinterpret_cast<T*>(reinterpret_cast<char*>(head) - __builtin_offsetof(T, rcu_head));
  });
}
#pragma clang diagnostic pop

/// Publishes and reads RCU-protected pointers.
template <class T>
void assign(std::atomic<T*>& slot, T* value) {
  slot.store(value, std::memory_order_release);
}
template <class T>
T* load(const std::atomic<T*>& slot) {
  return slot.load(std::memory_order_acquire);
}

// -- Calls from kernel/sched, kernel/irq, kernel/time and the return to user mode.

namespace detail {
/// Non-zero: this CPU owes a grace period its report, or the rcu thread a wake-up.
HT_PER_CPU_DECLARE(std::atomic<std::uint32_t>, attention);
void attend();
}  // namespace detail

/// This CPU is in no reader now. Interrupts off, no lock held.
inline void quiescent() {
  if (this_cpu(detail::attention).load(std::memory_order_relaxed) != 0) [[unlikely]]
    detail::attend();
}
/// Around a halt, interrupts off. idle_enter says whether the CPU may halt: no when that woke the rcu thread.
bool idle_enter();
void idle_exit();
/// In an interrupt that may have ended a halt: its handlers may read.
class IrqScope {
 public:
  IrqScope();
  ~IrqScope();
  IrqScope(const IrqScope&) = delete;
  IrqScope& operator=(const IrqScope&) = delete;

 private:
  bool was_idle_;
};
/// Boot, once. Starts the thread that runs callbacks; those queued before wait for it.
Result<void> start();

}  // namespace k::sync::rcu
