#include "kernel/task/futex_user.h"

#include <linux/futex.h>

#include "arch/include/arch/user_access.h"
#include "mm/user/no_fault.h"

namespace k::task {
namespace {

/// Two heads that user space may have made a ring; Linux walks as far.
constexpr unsigned kRobustListLimit = ROBUST_LIST_LIMIT;
constexpr std::uint64_t kPriorityInheritance = 1;  // low bit of an entry's address

Result<sync::FutexKey> shared_key(const mm::AddressSpace& space, UserAddr word) {
  Result<sync::FutexKey> found = err(Errno::fault);
  space.for_each_area(word, [&](const mm::Area& area) {
    if (!area.contains(word.value)) return false;
    if (area.has(mm::AreaFlag::shared) && area.source) {
      const std::uint64_t byte = (area.source_index(word.value) << lib::kPageShift) | word.page_offset();
      found = sync::FutexKey{reinterpret_cast<std::uint64_t>(&area.source->mappings()), byte};
    } else {
      // Words are aligned, so the low bit tells shared from private.
      found = sync::FutexKey{reinterpret_cast<std::uint64_t>(&space), word.value | 1};
    }
    return false;
  });
  return found;
}

/// The owner of the word dies: keep FUTEX_WAITERS, set FUTEX_OWNER_DIED, wake one. Source: robust-futex-ABI.
void release_word(Task& self, UserAddr word, bool pending_only) {
  std::uint32_t seen = 0;
  if ((word.value & 3) != 0 || !arch::load_user_u32(word, &seen)) return;
  for (;;) {
    if ((seen & FUTEX_TID_MASK) != static_cast<std::uint32_t>(self.tid())) break;
    const std::uint32_t died = (seen & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    std::uint32_t found = seen;
    if (!arch::compare_exchange_user_u32(word, seen, died, &found)) return;
    if (found == seen) {
      if ((seen & FUTEX_WAITERS) != 0) wake_futex(self, word);
      return;
    }
    seen = found;
  }
  // The thread died between unlocking and waking: nobody else would.
  if (pending_only && (seen & FUTEX_TID_MASK) == 0) wake_futex(self, word);
}

}  // namespace

Result<sync::FutexKey> futex_key(const mm::AddressSpace& space, UserAddr word, FutexScope scope) {
  if ((word.value & 3) != 0) return err(Errno::inval);
  if (word.value >= arch::kUserEnd) return err(Errno::fault);
  if (scope == FutexScope::shared) return shared_key(space, word);
  return sync::FutexKey{reinterpret_cast<std::uint64_t>(&space), word.value};
}

std::optional<std::uint32_t> load_futex_word(UserAddr address) {
  const mm::NoFault guard;
  std::uint32_t word = 0;
  if (!arch::load_user_u32(address, &word)) return std::nullopt;
  return word;
}

Result<void> fault_futex_word_in(UserAddr address) {
  std::uint32_t word = 0;
  if (!arch::load_user_u32(address, &word)) return err(Errno::fault);
  return {};
}

/// Waiters may have come by either kind of futex.
void wake_futex(const Task& self, UserAddr word) {
  for (const FutexScope scope : {FutexScope::process_private, FutexScope::shared}) {
    if (const auto key = futex_key(self.address_space(), word, scope)) (void)sync::futex_wake(*key, 1);
  }
}

void release_robust_list(Task& self) {
  const UserAddr head = self.robust_list;
  self.robust_list = {};
  const auto list = UserIn<uapi::robust_list_head>{head}.read();
  if (!list) return;
  const auto offset = static_cast<std::uint64_t>(list->futex_offset);
  const auto pending = reinterpret_cast<std::uint64_t>(list->list_op_pending);
  auto entry = reinterpret_cast<std::uint64_t>(list->list.next);
  for (unsigned i = 0; i < kRobustListLimit && (entry & ~kPriorityInheritance) != head.value; ++i) {
    const std::uint64_t node = entry & ~kPriorityInheritance;
    const auto next = UserIn<std::uint64_t>{UserAddr{node}}.read();
    if (node != (pending & ~kPriorityInheritance)) release_word(self, UserAddr{node + offset}, false);
    if (!next) return;
    entry = *next;
  }
  if (pending != 0) release_word(self, UserAddr{(pending & ~kPriorityInheritance) + offset}, true);
}

}  // namespace k::task
