/// Priority-inheritance futexes on user memory: the word, the owners its numbers name, and the retries that both ask for.
///
/// Context     task context.
/// Errors      as kernel/sync/futex_pi.h, less fault where the page can be brought in, and busy.
/// Source      futex(2).
#pragma once

#include "kernel/sync/futex_pi.h"
#include "kernel/task/futex_user.h"

namespace k::task {

class UserPiWord final : public sync::PiWord {
 public:
  /// `condition`: another word that the same operation loads.
  explicit UserPiWord(UserAddr at, UserAddr condition = {}) : at_(at), condition_(condition) {}
  std::optional<std::uint32_t> load() override { return load_futex_word(at_); }
  std::optional<std::uint32_t> exchange(std::uint32_t expected, std::uint32_t desired) override {
    return exchange_futex_word(at_, expected, desired);
  }
  Result<void> fault_in() override {
    if (condition_.value != 0) TRY(fault_futex_word_in(condition_));
    return fault_futex_word_in_for_writing(at_);
  }
  sched::Thread* owner(std::uint32_t tid) override { return find_task(static_cast<pid_t>(tid)); }

 private:
  UserAddr at_, condition_;
};

inline sync::PiSelf pi_self(Task& self) { return {self, static_cast<std::uint32_t>(self.tid())}; }

/// Repeats `operation` as long as the word's page can be brought in or its owner is leaving.
template <class Operation>
auto with_pi_word(UserPiWord& word, Operation operation) -> decltype(operation()) {
  for (;;) {
    auto result = operation();
    if (result) return result;
    if (result.error() == Errno::fault) {
      TRY(word.fault_in());
    } else if (result.error() == Errno::busy) {
      TRY(sync::wait_for_leaver(word));
    } else {
      return result;
    }
  }
}

}  // namespace k::task
