/// Waiting for any of several futex words.
///
/// Invariants  as futex.h. The waiters are queued one after another; a wake-up of one before the last is queued is not missed, for
///             a woken waiter is off its bucket for good.
/// Context     task context.
/// Errors      as futex_queue for the first word that differs or cannot be loaded; interrupted, timedout.
/// Source      Linux's Documentation/userspace-api/futex2.rst.
#pragma once

#include <span>

#include "kernel/sync/futex.h"

namespace k::sync {

namespace detail {
Errno futex_sleep_any(std::span<FutexWaiter> waiters, const FutexTimeout& timeout);
/// Takes all off their buckets; the last one that was woken before, if any.
std::optional<std::size_t> futex_unqueue_all(std::span<FutexWaiter> waiters);
}  // namespace detail

/// Sleeps while waiters[i]'s word is expected[i] for all i; which was woken. `load(i)` gives a word or nothing.
template <class Load>
Result<std::size_t> futex_wait_any(std::span<FutexWaiter> waiters, std::span<const std::uint32_t> expected,
                                   const FutexTimeout& timeout, Load load) {
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    const auto queued = futex_queue(waiters[i], expected[i], [&] { return load(i); });
    if (queued) continue;
    if (const auto woken = detail::futex_unqueue_all(waiters.first(i))) return *woken;
    return err(queued.error());
  }
  const Errno why = detail::futex_sleep_any(waiters, timeout);
  if (const auto woken = detail::futex_unqueue_all(waiters)) return *woken;
  return err(why);
}

}  // namespace k::sync
