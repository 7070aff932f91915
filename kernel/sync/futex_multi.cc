#include "kernel/sync/futex_multi.h"

#include <algorithm>

#include "kernel/sync/futex_sleep.h"

namespace k::sync {

Errno detail::futex_sleep_any(std::span<FutexWaiter> waiters, const FutexTimeout& timeout) {
  return futex_sleep_until(*waiters.front().thread, timeout, [&] {
    return std::ranges::any_of(
        waiters, [](const FutexWaiter& w) { return w.bucket.load(std::memory_order_seq_cst) == nullptr; });
  });
}

std::optional<std::size_t> detail::futex_unqueue_all(std::span<FutexWaiter> waiters) {
  std::optional<std::size_t> woken;
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    if (!futex_unqueue(waiters[i])) woken = i;
  }
  return woken;
}

}  // namespace k::sync
