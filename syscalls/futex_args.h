/// What the operations of futex(2) share.
///
/// Context     task context.
/// Source      futex(2).
#pragma once

#include <linux/futex.h>

#include "kernel/sync/futex_timeout.h"
#include "kernel/task/futex_user.h"
#include "syscalls/calls_sched.h"

namespace k::sys {

struct FutexCall {
  UserAddr word;
  task::FutexScope scope;
  std::uint32_t value;
  UserAddr word2;
  std::uint32_t value3;

  Result<sync::FutexKey> key(const Task& self) const { return task::futex_key(self.address_space(), word, scope); }
  Result<sync::FutexKey> key2(const Task& self) const { return task::futex_key(self.address_space(), word2, scope); }
};

/// Repeats `operation` as long as the word's page was absent and can be brought in.
template <class Operation>
auto with_pages(UserAddr word, Operation operation) -> decltype(operation()) {
  for (;;) {
    auto result = operation();
    if (result || result.error() != Errno::fault) return result;
    TRY(task::fault_futex_word_in(word));
  }
}

/// At least one, as Linux has it.
inline std::uint32_t futex_wake_count(std::uint32_t asked) { return static_cast<std::int32_t>(asked) < 1 ? 1 : asked; }

/// A time on `clock`; null: never. INVAL, FAULT.
Result<sync::FutexTimeout> futex_timeout_at(UserAddr timeout, sync::FutexTimeout::Clock clock);

Result<std::int64_t> futex_wake_op(Task& self, const FutexCall& call, std::uint32_t count2);
// The priority-inheritance operations (futex_pi.cc).
Result<std::int64_t> futex_lock_pi(Task& self, const FutexCall& call, const sync::FutexTimeout& timeout);
Result<std::int64_t> futex_trylock_pi(Task& self, const FutexCall& call);
Result<std::int64_t> futex_unlock_pi(Task& self, const FutexCall& call);
Result<std::int64_t> futex_wait_requeue_pi(Task& self, const FutexCall& call, const sync::FutexTimeout& timeout);
Result<std::int64_t> futex_cmp_requeue_pi(Task& self, const FutexCall& call, std::uint32_t move);

}  // namespace k::sys
