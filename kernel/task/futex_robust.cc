// What a thread that leaves owes to those who wait for its futexes.
#include <linux/futex.h>

#include "arch/include/arch/user_access.h"
#include "kernel/task/futex_pi_user.h"

namespace k::task {
namespace {

/// Two heads that user space may have made a ring; Linux walks as far.
constexpr unsigned kRobustListLimit = ROBUST_LIST_LIMIT;
constexpr std::uint64_t kPriorityInheritance = 1;  // low bit of an entry's address

/// A link of the list, or its list_op_pending.
struct Entry {
  std::uint64_t raw;
  std::uint64_t node() const { return raw & ~kPriorityInheritance; }
  bool is_pi() const { return (raw & kPriorityInheritance) != 0; }
};
enum class Pending : bool { no, yes };

/// The owner of the word dies: keep FUTEX_WAITERS, set FUTEX_OWNER_DIED, wake one; the waiters of a priority-inheritance futex
/// are told by futex_pi_finish_leaving. Source: robust-futex-ABI.
void release_word(Task& self, UserAddr word, Entry entry, Pending pending) {
  std::uint32_t seen = 0;
  if ((word.value & 3) != 0 || !arch::load_user_u32(word, &seen)) return;
  // The thread died between unlocking and waking: nobody else would.
  if (pending == Pending::yes && !entry.is_pi() && (seen & FUTEX_TID_MASK) == 0) return wake_futex(self, word);
  while ((seen & FUTEX_TID_MASK) == static_cast<std::uint32_t>(self.tid())) {
    const std::uint32_t died = (seen & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    std::uint32_t found = seen;
    if (!arch::compare_exchange_user_u32(word, seen, died, &found)) return;
    if (found == seen) {
      if (!entry.is_pi() && (seen & FUTEX_WAITERS) != 0) wake_futex(self, word);
      return;
    }
    seen = found;
  }
}

void release_robust_list(Task& self) {
  const UserAddr head = self.robust_list;
  self.robust_list = {};
  const auto list = UserIn<uapi::robust_list_head>{head}.read();
  if (!list) return;
  const auto offset = static_cast<std::uint64_t>(list->futex_offset);
  const Entry pending{reinterpret_cast<std::uint64_t>(list->list_op_pending)};
  Entry entry{reinterpret_cast<std::uint64_t>(list->list.next)};
  for (unsigned i = 0; i < kRobustListLimit && entry.node() != head.value; ++i) {
    // Its successor first: once the word is released, another thread may free the entry.
    const auto next = UserIn<std::uint64_t>{UserAddr{entry.node()}}.read();
    if (entry.node() != pending.node()) release_word(self, UserAddr{entry.node() + offset}, entry, Pending::no);
    if (!next) return;
    entry = Entry{*next};
  }
  if (pending.node() != 0) release_word(self, UserAddr{pending.node() + offset}, pending, Pending::yes);
}

}  // namespace

void give_up_futexes(Task& self, sched::PiStage then) {
  sync::futex_pi_start_leaving(self);
  if (self.robust_list.value != 0) release_robust_list(self);
  sync::futex_pi_finish_leaving(self, then);
}

}  // namespace k::task
