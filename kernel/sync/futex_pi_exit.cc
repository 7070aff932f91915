// Threads that leave while others wait for what they own.
//
// No waiter is attached to a thread that is gone. The leaver (1) stores its stage, (2) passes a full fence, (3) reads the count of
// what it owns. A waiter (a) counts itself in, (b) passes a full fence, (c) reads the stage. If (3) missed (a), (c) sees (1).
#include <linux/futex.h>

#include "kernel/sync/futex_pi.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/wait_queue.h"

namespace k::sync {
namespace {

constinit WaitQueue g_leavers;

}  // namespace

void futex_pi_start_leaving(sched::Thread& self) {
  self.pi.stage.store(sched::PiStage::leaving, std::memory_order_seq_cst);
}

void futex_pi_finish_leaving(sched::Thread& self, sched::PiStage then) {
  if (self.pi.owned_count.load(std::memory_order_seq_cst) != 0) {
    LockHeld graph{g_pi_graph};
    while (PiLock* const lock = self.pi.owned.front()) detail::pi_inherit(static_cast<PiFutex&>(*lock));
  }
  self.pi.stage.store(then, std::memory_order_seq_cst);
  g_leavers.wake_all();
}

Result<void> wait_for_leaver(PiWord& word) {
  return g_leavers.wait_killable([&word] {
    const rcu::ReadGuard reading;
    const auto seen = word.load();
    const sched::Thread* const owner = seen ? word.owner(*seen & FUTEX_TID_MASK) : nullptr;
    return owner == nullptr || owner->pi.stage.load(std::memory_order_seq_cst) != sched::PiStage::leaving;
  });
}

}  // namespace k::sync
