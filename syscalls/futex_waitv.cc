#include <time.h>

#include "kernel/lib/alloc.h"
#include "kernel/sync/futex_multi.h"
#include "syscalls/calls_threads.h"
#include "syscalls/futex_args.h"

namespace k::sys {
namespace {

using task::FutexScope;

constexpr std::uint32_t kKnownFlags = FUTEX_32 | FUTEX_PRIVATE_FLAG;

struct Words {
  std::array<sync::FutexWaiter, FUTEX_WAITV_MAX> waiters;
  std::array<std::uint32_t, FUTEX_WAITV_MAX> expected;
  std::array<UserAddr, FUTEX_WAITV_MAX> at;
};

/// The words keep their order. INVAL: unknown flags, or another size than 32 bits.
Result<void> read_words(Task& self, UserAddr from, std::uint32_t count, Words& words) {
  const UserIn<uapi::futex_waitv> given{from};
  for (std::uint32_t i = 0; i < count; ++i) {
    const uapi::futex_waitv one = TRY((given + i).read());
    if ((one.flags & ~kKnownFlags) != 0 || one.__reserved != 0) return err(Errno::inval);
    if ((one.flags & FUTEX_32) == 0) return err(Errno::inval);
    words.at[i] = UserAddr{one.uaddr};
    words.expected[i] = static_cast<std::uint32_t>(one.val);
    const bool is_private = (one.flags & FUTEX_PRIVATE_FLAG) != 0;
    sync::FutexWaiter& waiter = words.waiters[i];
    waiter.thread = &self;
    waiter.key = TRY(task::futex_key(self.address_space(), words.at[i],
                                     is_private ? FutexScope::process_private : FutexScope::shared));
  }
  return {};
}

Result<sync::FutexTimeout> timeout_on(UserAddr timeout, int clock) {
  if (timeout.value == 0) return sync::FutexTimeout::never();
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return err(Errno::inval);
  using Clock = sync::FutexTimeout::Clock;
  return futex_timeout_at(timeout, clock == CLOCK_REALTIME ? Clock::realtime : Clock::monotonic);
}

}  // namespace

Result<std::size_t> futex_waitv(Task& self, UserAddr waiters, std::uint32_t count, Flags flags, UserAddr timeout,
                                int clock) {
  if (flags.bits() != 0 || count == 0 || count > FUTEX_WAITV_MAX || waiters.value == 0) return err(Errno::inval);
  const sync::FutexTimeout until = TRY(timeout_on(timeout, clock));
  const auto words = TRY(make<Words>());
  TRY(read_words(self, waiters, count, *words));
  for (;;) {
    std::size_t last = 0;
    auto woken = sync::futex_wait_any(std::span{words->waiters}.first(count), std::span{words->expected}.first(count),
                                      until, [&](std::size_t i) {
                                        last = i;
                                        return task::load_futex_word(words->at[i]);
                                      });
    if (woken || woken.error() != Errno::fault) return woken;
    TRY(task::fault_futex_word_in(words->at[last]));
  }
}

}  // namespace k::sys
