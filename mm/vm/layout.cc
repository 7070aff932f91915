#include "mm/vm/layout.h"

#include <algorithm>

#include "arch/include/arch/memory.h"
#include "kernel/lib/types.h"
#include "mm/vm/placement.h"
#include "mm/vm/user_random.h"

namespace k::mm {
namespace {

constexpr std::uint64_t kMega = std::uint64_t{1} << 20, kGiga = std::uint64_t{1} << 30;
// Linux's spans on x86-64: 22 bits of pages for the stack, 28 for mappings and programs, 32 MiB for the heap.
constexpr std::uint64_t kStackSpan = 16 * kGiga;
constexpr unsigned kMappingBits = 28;
constexpr std::uint64_t kHeapSpan = 32 * kMega;
constexpr std::uint64_t kLeastStackRoom = 128 * kMega;
constexpr std::uint64_t kProgramBase = arch::kUserEnd / 3 * 2;

std::uint64_t random_below(std::uint64_t span, Randomize randomize) {
  return randomize == Randomize::yes ? user_random() % (span / kPageSize) * kPageSize : 0;
}

}  // namespace

Layout choose_layout(std::uint64_t stack_limit, Randomize randomize) {
  Layout layout;
  layout.stack_top = arch::kUserEnd - random_below(kStackSpan, randomize);
  const std::uint64_t room =
      std::clamp(stack_limit, kLeastStackRoom, arch::kUserEnd / 6 * 5) + kStackSpan + kStackGuardBytes;
  const std::uint64_t base = arch::kUserEnd - std::min(room, arch::kUserEnd / 6 * 5);
  layout.mmap_base =
      lib::align_down(base - random_below(std::uint64_t{1} << (kMappingBits + lib::kPageShift), randomize), kPageSize);
  return layout;
}

std::uint64_t choose_program_base(Randomize randomize) {
  return lib::align_down(kProgramBase, kPageSize) +
         random_below(std::uint64_t{1} << (kMappingBits + lib::kPageShift), randomize);
}

std::uint64_t choose_heap_start(std::uint64_t end_of_data, Randomize randomize) {
  return lib::align_up(end_of_data, kPageSize) + random_below(kHeapSpan, randomize);
}

}  // namespace k::mm
