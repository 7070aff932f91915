#include <linux/futex.h>

#include <bit>

#include "kernel/task/futex_user.h"
#include "kernel/time/clock.h"
#include "mm/user/no_fault.h"
#include "syscalls/calls_sched.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using sync::FutexKey;
using task::FutexScope;
using task::RestartBlock;

constexpr int kOptions = FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME;

/// Repeats `operation` as long as the word's page was absent and can be brought in.
template <class Operation>
auto with_pages(UserAddr word, Operation operation) -> decltype(operation()) {
  for (;;) {
    auto result = operation();
    if (result || result.error() != Errno::fault) return result;
    TRY(task::fault_futex_word_in(word));
  }
}

struct WaitRequest {
  UserAddr word;
  FutexScope scope;
  std::uint32_t expected, bitset;
  Deadline deadline;
};

Result<void> wait(Task& self, const WaitRequest& r) {
  const FutexKey key = TRY(task::futex_key(self.address_space(), r.word, r.scope));
  return with_pages(r.word, [&] {
    return sync::futex_wait(key, r.expected, r.bitset, r.deadline, [&] { return task::load_futex_word(r.word); });
  });
}

/// A timed wait that a signal ended goes on with its old deadline, if no handler ran. Source: futex(2), restart_syscall(2).
Result<std::int64_t> wait_restartably(Task& self, const WaitRequest& r) {
  const Result<void> waited = wait(self, r);
  if (waited) return 0;
  if (waited.error() == Errno::interrupted && !r.deadline.is_never()) {
    const auto resume = [](Task& task, RestartBlock& b) -> Result<std::int64_t> {
      return wait_restartably(
          task, {UserAddr{b.words[0]}, static_cast<FutexScope>(b.words[1]), static_cast<std::uint32_t>(b.words[2]),
                 static_cast<std::uint32_t>(b.words[3]), Deadline::at(b.words[4])});
    };
    self.restarts_by_block = true;
    self.restart_block = {resume,
                          {r.word.value, static_cast<std::uint64_t>(r.scope), r.expected, r.bitset, r.deadline.ns()}};
  }
  return err(waited.error());
}

/// FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET names the time.
Result<Deadline> deadline_of(int command, int operation, UserAddr timeout) {
  if (timeout.value == 0) return Deadline::never();
  const std::uint64_t ns = TRY(to_ns(TRY(UserIn<uapi::__kernel_timespec>{timeout}.read())));
  if (command == FUTEX_WAIT) return Deadline::after(ns);
  if ((operation & FUTEX_CLOCK_REALTIME) != 0) return time::realtime_deadline(static_cast<std::int64_t>(ns));
  return Deadline::at(ns);
}

Result<std::int64_t> wake(Task& self, UserAddr word, FutexScope scope, std::uint32_t count, std::uint32_t bitset) {
  if (bitset == 0) return err(Errno::inval);
  const FutexKey key = TRY(task::futex_key(self.address_space(), word, scope));
  return sync::futex_wake(key, std::max(count, 1u), bitset);
}

/// FUTEX_REQUEUE and, with `expected`, FUTEX_CMP_REQUEUE.
Result<std::int64_t> requeue(Task& self, UserAddr from, UserAddr to, FutexScope scope, std::uint32_t wake_count,
                             std::uint32_t move_count, const std::uint32_t* expected) {
  if (static_cast<std::int32_t>(wake_count) < 0 || static_cast<std::int32_t>(move_count) < 0) return err(Errno::inval);
  const FutexKey from_key = TRY(task::futex_key(self.address_space(), from, scope));
  const FutexKey to_key = TRY(task::futex_key(self.address_space(), to, scope));
  const auto moved = TRY(with_pages(from, [&] {
    return sync::futex_requeue({from_key, to_key, wake_count, move_count}, [&]() -> std::optional<bool> {
      if (expected == nullptr) return true;
      const auto seen = task::load_futex_word(from);
      if (!seen) return std::nullopt;
      return *seen == *expected;
    });
  }));
  return moved.woken + (expected != nullptr ? moved.moved : 0);
}

/// What FUTEX_WAKE_OP's value3 encodes. Source: futex(2).
class WordOperation {
 public:
  explicit WordOperation(std::uint32_t code) : code_(code) {}
  bool valid() const { return (operation() & 7) <= FUTEX_OP_XOR && comparison() <= FUTEX_OP_CMP_GE; }
  std::uint32_t apply(std::uint32_t old) const {
    std::uint32_t argument = static_cast<std::uint32_t>(sign_extended(code_ >> 12));
    if ((operation() & FUTEX_OP_OPARG_SHIFT) != 0) argument = 1u << (argument & 31);
    switch (operation() & 7) {
      case FUTEX_OP_SET:
        return argument;
      case FUTEX_OP_ADD:
        return old + argument;
      case FUTEX_OP_OR:
        return old | argument;
      case FUTEX_OP_ANDN:
        return old & ~argument;
      default:
        return old ^ argument;
    }
  }
  bool compare(std::uint32_t old_word) const {
    const auto old = static_cast<std::int32_t>(old_word), argument = sign_extended(code_);
    switch (comparison()) {
      case FUTEX_OP_CMP_EQ:
        return old == argument;
      case FUTEX_OP_CMP_NE:
        return old != argument;
      case FUTEX_OP_CMP_LT:
        return old < argument;
      case FUTEX_OP_CMP_LE:
        return old <= argument;
      case FUTEX_OP_CMP_GT:
        return old > argument;
      default:
        return old >= argument;
    }
  }

 private:
  unsigned operation() const { return code_ >> 28 & 15; }
  unsigned comparison() const { return code_ >> 24 & 15; }
  static std::int32_t sign_extended(std::uint32_t twelve_bits) {
    return static_cast<std::int32_t>(twelve_bits << 20) >> 20;
  }
  std::uint32_t code_;
};

std::optional<std::uint32_t> change_word(UserAddr word, const WordOperation& operation) {
  const mm::NoFault guard;
  std::uint32_t seen;
  if (!arch::load_user_u32(word, &seen)) return std::nullopt;
  for (;;) {
    const std::uint32_t old = seen;
    if (!arch::compare_exchange_user_u32(word, old, operation.apply(old), &seen)) return std::nullopt;
    if (seen == old) return old;
  }
}

/// The second word's page must be writable.
Result<void> fault_in_for_writing(UserAddr word) {
  std::uint32_t seen;
  if (!arch::load_user_u32(word, &seen) || !arch::compare_exchange_user_u32(word, seen, seen, &seen))
    return err(Errno::fault);
  return {};
}

Result<std::int64_t> wake_op(Task& self, UserAddr word, UserAddr word2, FutexScope scope, std::uint32_t count,
                             std::uint32_t count2, WordOperation operation) {
  const FutexKey first = TRY(task::futex_key(self.address_space(), word, scope));
  const FutexKey second = TRY(task::futex_key(self.address_space(), word2, scope));
  if (!operation.valid()) return err(Errno::nosys);
  for (;;) {
    const auto woken =
        sync::futex_wake_op({first, second, std::max(count, 1u), std::max(count2, 1u)}, [&]() -> std::optional<bool> {
          const auto old = change_word(word2, operation);
          if (!old) return std::nullopt;
          return operation.compare(*old);
        });
    if (woken) return *woken;
    TRY(fault_in_for_writing(word2));
  }
}

}  // namespace

Result<std::int64_t> futex(Task& self, UserAddr word, int operation, std::uint32_t value,
                           std::uint64_t timeout_or_count, UserAddr word2, std::uint32_t value3) {
  const int command = operation & ~kOptions;
  const FutexScope scope = (operation & FUTEX_PRIVATE_FLAG) != 0 ? FutexScope::process_private : FutexScope::shared;
  if ((operation & FUTEX_CLOCK_REALTIME) != 0 && command != FUTEX_WAIT_BITSET) return err(Errno::nosys);
  const auto count2 = static_cast<std::uint32_t>(timeout_or_count);
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      const std::uint32_t bitset = command == FUTEX_WAIT ? sync::kFutexAnyBit : value3;
      const Deadline deadline = TRY(deadline_of(command, operation, UserAddr{timeout_or_count}));
      if (bitset == 0) return err(Errno::inval);
      return wait_restartably(self, {word, scope, value, bitset, deadline});
    }
    case FUTEX_WAKE:
      return wake(self, word, scope, value, sync::kFutexAnyBit);
    case FUTEX_WAKE_BITSET:
      return wake(self, word, scope, value, value3);
    case FUTEX_REQUEUE:
      return requeue(self, word, word2, scope, value, count2, nullptr);
    case FUTEX_CMP_REQUEUE:
      return requeue(self, word, word2, scope, value, count2, &value3);
    case FUTEX_WAKE_OP:
      return wake_op(self, word, word2, scope, value, count2, WordOperation{value3});
    default:
      return err(Errno::nosys);
  }
}

}  // namespace k::sys
