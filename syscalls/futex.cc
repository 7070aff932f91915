// futex(2): waiting, waking, requeueing.
#include <linux/futex.h>

#include "kernel/time/clock.h"
#include "syscalls/futex_args.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using sync::FutexKey;
using sync::FutexTimeout;
using task::FutexScope;
using task::RestartBlock;
using Clock = FutexTimeout::Clock;

constexpr int kOptions = FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME;

struct WaitRequest {
  UserAddr word;
  FutexScope scope;
  std::uint32_t expected, bitset;
  FutexTimeout timeout;
};

Result<void> wait(Task& self, const WaitRequest& r) {
  const FutexKey key = TRY(task::futex_key(self.address_space(), r.word, r.scope));
  return with_pages(r.word, [&] {
    return sync::futex_wait(key, r.expected, r.bitset, r.timeout, [&] { return task::load_futex_word(r.word); });
  });
}

constexpr std::uint64_t kSharedWord = 1, kRealtime = 2;  // of the restart block's second word

Result<std::int64_t> wait_restartably(Task& self, const WaitRequest& r);

Result<std::int64_t> resume_wait(Task& task, RestartBlock& b) {
  const bool shared = (b.words[1] & kSharedWord) != 0;
  const Clock clock = (b.words[1] & kRealtime) != 0 ? Clock::realtime : Clock::monotonic;
  return wait_restartably(task, {UserAddr{b.words[0]}, shared ? FutexScope::shared : FutexScope::process_private,
                                 static_cast<std::uint32_t>(b.words[2]), static_cast<std::uint32_t>(b.words[3]),
                                 FutexTimeout::at(clock, b.words[4])});
}

/// A timed wait that a signal ended goes on with its old timeout, if no handler ran. Source: futex(2), restart_syscall(2).
Result<std::int64_t> wait_restartably(Task& self, const WaitRequest& r) {
  const Result<void> waited = wait(self, r);
  if (waited) return 0;
  if (waited.error() == Errno::interrupted && !r.timeout.is_never()) {
    const std::uint64_t how =
        (r.scope == FutexScope::shared ? kSharedWord : 0) | (r.timeout.clock() == Clock::realtime ? kRealtime : 0);
    self.restart_override = task::Restart::block;
    self.restart_block = {resume_wait, {r.word.value, how, r.expected, r.bitset, r.timeout.ns()}};
  }
  return err(waited.error());
}

/// FUTEX_WAIT counts from now, the others name the time. FUTEX_LOCK_PI, older than the flag, is always on CLOCK_REALTIME.
Result<FutexTimeout> timeout_of(int command, int operation, UserAddr timeout) {
  const bool realtime = (operation & FUTEX_CLOCK_REALTIME) != 0 || command == FUTEX_LOCK_PI;
  if (command != FUTEX_WAIT) return futex_timeout_at(timeout, realtime ? Clock::realtime : Clock::monotonic);
  if (timeout.value == 0) return FutexTimeout::never();
  return Deadline::after(TRY(to_ns(TRY(UserIn<uapi::__kernel_timespec>{timeout}.read()))));
}

bool has_timeout(int command) {
  return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI ||
         command == FUTEX_LOCK_PI2 || command == FUTEX_WAIT_REQUEUE_PI;
}
bool takes_clock(int command) {
  return command == FUTEX_WAIT_BITSET || command == FUTEX_WAIT_REQUEUE_PI || command == FUTEX_LOCK_PI2;
}

Result<std::int64_t> wait(Task& self, const FutexCall& call, std::uint32_t bitset, const FutexTimeout& timeout) {
  if (bitset == 0) return err(Errno::inval);
  return wait_restartably(self, {call.word, call.scope, call.value, bitset, timeout});
}

Result<std::int64_t> wake(Task& self, const FutexCall& call, std::uint32_t bitset) {
  if (bitset == 0) return err(Errno::inval);
  return TRY(sync::futex_wake(TRY(call.key(self)), futex_wake_count(call.value), bitset));
}

/// FUTEX_REQUEUE and, comparing the word with value3, FUTEX_CMP_REQUEUE.
enum class Compare : bool { no, yes };
Result<std::int64_t> requeue(Task& self, const FutexCall& call, std::uint32_t move, Compare compare) {
  if (static_cast<std::int32_t>(call.value) < 0 || static_cast<std::int32_t>(move) < 0) return err(Errno::inval);
  const FutexKey from = TRY(call.key(self)), to = TRY(call.key2(self));
  const auto moved = TRY(with_pages(call.word, [&] {
    return sync::futex_requeue({from, to, call.value, move}, [&]() -> std::optional<bool> {
      if (compare == Compare::no) return true;
      const auto seen = task::load_futex_word(call.word);
      if (!seen) return std::nullopt;
      return *seen == call.value3;
    });
  }));
  return moved.woken + moved.moved;
}

Result<std::int64_t> dispatch(Task& self, int command, const FutexCall& call, const FutexTimeout& timeout,
                              std::uint32_t count2) {
  switch (command) {
    case FUTEX_WAIT:
      return wait(self, call, sync::kFutexAnyBit, timeout);
    case FUTEX_WAIT_BITSET:
      return wait(self, call, call.value3, timeout);
    case FUTEX_WAKE:
      return wake(self, call, sync::kFutexAnyBit);
    case FUTEX_WAKE_BITSET:
      return wake(self, call, call.value3);
    case FUTEX_REQUEUE:
      return requeue(self, call, count2, Compare::no);
    case FUTEX_CMP_REQUEUE:
      return requeue(self, call, count2, Compare::yes);
    case FUTEX_WAKE_OP:
      return futex_wake_op(self, call, count2);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
      return futex_lock_pi(self, call, timeout);
    case FUTEX_TRYLOCK_PI:
      return futex_trylock_pi(self, call);
    case FUTEX_UNLOCK_PI:
      return futex_unlock_pi(self, call);
    case FUTEX_WAIT_REQUEUE_PI:
      return futex_wait_requeue_pi(self, call, timeout);
    case FUTEX_CMP_REQUEUE_PI:
      return futex_cmp_requeue_pi(self, call, count2);
    default:
      return err(Errno::nosys);
  }
}

}  // namespace

Result<FutexTimeout> futex_timeout_at(UserAddr timeout, Clock clock) {
  if (timeout.value == 0) return FutexTimeout::never();
  return FutexTimeout::at(clock, TRY(to_ns(TRY(UserIn<uapi::__kernel_timespec>{timeout}.read()))));
}

Result<std::int64_t> futex(Task& self, UserAddr word, int operation, std::uint32_t value,
                           std::uint64_t timeout_or_count, UserAddr word2, std::uint32_t value3) {
  const int command = operation & ~kOptions;
  if ((operation & FUTEX_CLOCK_REALTIME) != 0 && !takes_clock(command)) return err(Errno::nosys);
  const FutexScope scope = (operation & FUTEX_PRIVATE_FLAG) != 0 ? FutexScope::process_private : FutexScope::shared;
  const FutexTimeout timeout =
      has_timeout(command) ? TRY(timeout_of(command, operation, UserAddr{timeout_or_count})) : FutexTimeout::never();
  return dispatch(self, command, {word, scope, value, word2, value3}, timeout,
                  static_cast<std::uint32_t>(timeout_or_count));
}

}  // namespace k::sys
