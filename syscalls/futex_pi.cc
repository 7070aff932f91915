// futex(2): the operations with priority inheritance.
#include "kernel/task/futex_pi_user.h"
#include "syscalls/futex_args.h"

namespace k::sys {
namespace {

using task::UserPiWord;
using task::with_pi_word;

/// Nobody but the caller's program sees that it began again, so a signal handler does not end it.
Result<std::int64_t> restarting(Task& self, const Result<void>& done) {
  if (done) return 0;
  if (done.error() == Errno::interrupted) self.restart_override = task::Restart::always;
  return err(done.error());
}

Result<std::int64_t> lock(Task& self, const FutexCall& call, const sync::FutexTimeout& timeout,
                          sync::PiAttempt attempt) {
  const sync::FutexKey key = TRY(call.key(self));
  UserPiWord word{call.word};
  return restarting(
      self, with_pi_word(word, [&] { return sync::futex_pi_lock(task::pi_self(self), key, word, timeout, attempt); }));
}

}  // namespace

Result<std::int64_t> futex_lock_pi(Task& self, const FutexCall& call, const sync::FutexTimeout& timeout) {
  return lock(self, call, timeout, sync::PiAttempt::wait);
}

Result<std::int64_t> futex_trylock_pi(Task& self, const FutexCall& call) {
  return lock(self, call, sync::FutexTimeout::never(), sync::PiAttempt::try_once);
}

/// Whether the word is the caller's comes before whether it could be one at all.
Result<std::int64_t> futex_unlock_pi(Task& self, const FutexCall& call) {
  std::uint32_t seen = 0;
  if (!arch::load_user_u32(call.word, &seen)) return err(Errno::fault);
  if ((seen & FUTEX_TID_MASK) != static_cast<std::uint32_t>(self.tid())) return err(Errno::perm);
  const sync::FutexKey key = TRY(call.key(self));
  UserPiWord word{call.word};
  TRY(with_pi_word(word, [&] { return sync::futex_pi_unlock(task::pi_self(self), key, word); }));
  return 0;
}

Result<std::int64_t> futex_wait_requeue_pi(Task& self, const FutexCall& call, const sync::FutexTimeout& timeout) {
  if (call.word == call.word2) return err(Errno::inval);
  const sync::FutexKey to_key = TRY(call.key2(self));
  const sync::PiRequeueKeys keys{TRY(call.key(self)), to_key};
  UserPiWord to{call.word2};
  return restarting(self, with_pages(call.word, [&] {
                      return sync::futex_wait_requeue_pi(task::pi_self(self), keys, to, call.value, sync::kFutexAnyBit,
                                                         timeout, [&] { return task::load_futex_word(call.word); });
                    }));
}

Result<std::int64_t> futex_cmp_requeue_pi(Task& self, const FutexCall& call, std::uint32_t move) {
  if (call.word == call.word2) return err(Errno::inval);
  // More than one owner at a time there cannot be.
  if (call.value != 1 || static_cast<std::int32_t>(move) < 0) return err(Errno::inval);
  const sync::PiRequeueKeys keys{TRY(call.key(self)), TRY(call.key2(self))};
  UserPiWord to{call.word2, call.word};
  return with_pi_word(to, [&]() -> Result<std::int64_t> {
    return TRY(sync::futex_cmp_requeue_pi(keys, to, move, [&]() -> std::optional<bool> {
      const auto seen = task::load_futex_word(call.word);
      if (!seen) return std::nullopt;
      return *seen == call.value3;
    }));
  });
}

}  // namespace k::sys
