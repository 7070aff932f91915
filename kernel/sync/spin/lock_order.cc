#include "kernel/sync/spin/lock_order.h"

#if defined(HT_DEBUG)

#include "arch/include/arch/percpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/format.h"

namespace k::sync {
namespace {

/// Null until the CPU's first thread exists.
HeldLocks* mine() { return static_cast<HeldLocks*>(arch::this_cpu_block().held_locks); }

[[noreturn, gnu::cold]] void report(const char* what, const HeldLocks::Entry& held, Rank rank, const void* site) {
  static char text[200];
  const std::size_t n = lib::format_to(
      std::span<char>{text}.first(sizeof text - 1), "{}: rank {} wanted at {}, rank {} (lock {}) taken at {}", what,
      static_cast<unsigned>(rank), site, static_cast<unsigned>(held.rank), held.lock, held.site);
  text[n] = '\0';
  lib::fail(text, "lock order", 0);
}

void push(HeldLocks& held, const void* lock, Rank rank, const void* site) {
  HT_VERIFY(held.depth < HeldLocks::kMax);
  held.entries[held.depth++] = {lock, site, rank};
}

/// An interrupt handler between the two steps of a push would overwrite: it pushes and pops on the same record. And a thread that
/// moves to another CPU between finding its CPU's block and reading it would look at somebody else's record.
class RecordOff {
 public:
  RecordOff() : saved_(arch::interrupts_save()) {}
  ~RecordOff() { arch::interrupts_restore(saved_); }

 private:
  std::uint64_t saved_;
};

}  // namespace

void lock_order_acquire(const void* lock, Rank rank, const void* site) {
  RecordOff off;
  HeldLocks* const held = mine();
  if (held == nullptr) return;
  for (unsigned i = 0; i < held->depth; ++i) {
    const HeldLocks::Entry& e = held->entries[i];
    if (e.lock == lock) report("lock taken twice", e, rank, site);
    if (e.rank > rank || (e.rank == rank && !nests(rank))) report("lock order violated", e, rank, site);
  }
  push(*held, lock, rank, site);
}

void lock_order_acquire_try(const void* lock, Rank rank, const void* site) {
  RecordOff off;
  if (HeldLocks* const held = mine()) push(*held, lock, rank, site);
}

void lock_order_release(const void* lock) {
  RecordOff off;
  HeldLocks* const held = mine();
  if (held == nullptr) return;
  for (unsigned i = held->depth; i-- > 0;) {
    if (held->entries[i].lock != lock) continue;
    for (unsigned j = i + 1; j < held->depth; ++j) held->entries[j - 1] = held->entries[j];
    --held->depth;
    return;
  }
}

void assert_may_sleep(const void* site) {
  RecordOff off;
  HeldLocks* const held = mine();
  if (held == nullptr) return;
  for (unsigned i = 0; i < held->depth; ++i) {
    const HeldLocks::Entry& e = held->entries[i];
    if (kind_of(e.rank) != LockKind::mutex) report("may sleep with a spin lock held", e, Rank::none_held, site);
  }
  if (arch::preempt_count() != 0 || arch::this_cpu_block().irq_depth != 0)
    report("may sleep with preemption off or in an interrupt", HeldLocks::Entry{}, Rank::none_held, site);
}

}  // namespace k::sync

#endif
