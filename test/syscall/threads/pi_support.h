/// What the tests of priority-inheritance futexes share.
#pragma once

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include <memory>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/memory.h"
#include "support/signals.h"
#include "threads/futex_call.h"

namespace systest {

inline constexpr std::uint32_t kWaiters = FUTEX_WAITERS, kDied = FUTEX_OWNER_DIED, kTid = FUTEX_TID_MASK;

inline long lock_pi(Word& w, const timespec* timeout = nullptr) { return futex(&w, FUTEX_LOCK_PI_PRIVATE, 0, timeout); }
inline long trylock_pi(Word& w) { return futex(&w, FUTEX_TRYLOCK_PI_PRIVATE, 0); }
inline long unlock_pi(Word& w) { return futex(&w, FUTEX_UNLOCK_PI_PRIVATE, 0); }

/// A tid that no thread has, or gets: beyond /proc/sys/kernel/pid_max.
inline std::uint32_t dead_tid() { return (1u << 22) - 1; }

inline void be_fifo(int priority) {
  const sched_param param{priority};
  EXPECT_EQ(sched_setscheduler(0, SCHED_FIFO, &param), 0);
}
/// proc_pid_stat(5): 20 + nice, or -1 - rt_priority.
inline std::string priority_of(pid_t tid) { return thread_stat(tid, 18); }

inline Word* shared_words() {
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  EXPECT_OK(page);
  return static_cast<Word*>(page);
}

}  // namespace systest
