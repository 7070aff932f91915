#include "kernel/task/futex_user.h"

#include "arch/include/arch/user_access.h"
#include "mm/user/no_fault.h"

namespace k::task {
namespace {

Result<sync::FutexKey> shared_key(const mm::AddressSpace& space, UserAddr word) {
  Result<sync::FutexKey> found = err(Errno::fault);
  space.for_each_area(word, [&](const mm::Area& area) {
    if (!area.contains(word.value) || !area.has(mm::AreaFlag::read)) return false;
    if (area.has(mm::AreaFlag::shared) && area.source) {
      const std::uint64_t byte = (area.source_index(word.value) << lib::kPageShift) | word.page_offset();
      found = sync::FutexKey{reinterpret_cast<std::uint64_t>(&area.source->mappings()), byte};
    } else if (area.source || area.has(mm::AreaFlag::write)) {  // else the word never changes
      // Words are aligned, so the low bit tells shared from private.
      found = sync::FutexKey{reinterpret_cast<std::uint64_t>(&space), word.value | 1};
    }
    return false;
  });
  return found;
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

std::optional<std::uint32_t> exchange_futex_word(UserAddr address, std::uint32_t expected, std::uint32_t desired) {
  const mm::NoFault guard;
  std::uint32_t seen = 0;
  if (!arch::compare_exchange_user_u32(address, expected, desired, &seen)) return std::nullopt;
  return seen;
}

/// Writes what is there: the page may be the zero page, or shared until written.
Result<void> fault_futex_word_in_for_writing(UserAddr address) {
  std::uint32_t word = 0;
  if (!arch::load_user_u32(address, &word) || !arch::compare_exchange_user_u32(address, word, word, &word))
    return err(Errno::fault);
  return {};
}

void wake_futex(const Task& self, UserAddr word) {
  if (const auto key = futex_key(self.address_space(), word, FutexScope::shared)) (void)sync::futex_wake(*key, 1);
}

}  // namespace k::task
