#include "arch/include/arch/context.h"
#include "arch/include/arch/memory.h"
#include "arch/include/arch/platform.h"
#include "arch/x86_64/memory/kernel_map.h"

namespace k::arch {
namespace {

struct StackRange {
  std::uint64_t bottom, top;
  bool holds_frame(std::uint64_t at) const { return at >= bottom && at < top && top - at >= 16; }
};

/// A frame is the caller's rbp and the return address; the chain must climb and stay in mapped kernel memory, because
/// it may be damaged and it ends in a user value or zero.
std::size_t walk(std::uint64_t frame_pointer, const StackRange& range, std::span<std::uint64_t> out) {
  std::size_t count = 0;
  while (count < out.size()) {
    if (frame_pointer % 8 != 0 || !range.holds_frame(frame_pointer)) break;
    if (!is_kernel_mapped(frame_pointer) || !is_kernel_mapped(frame_pointer + 8)) break;
    const auto* frame = reinterpret_cast<const volatile std::uint64_t*>(frame_pointer);
    const std::uint64_t caller = frame[0], return_address = frame[1];
    if (return_address < kUserEnd) break;
    out[count++] = return_address;
    if (caller <= frame_pointer) break;
    frame_pointer = caller;
  }
  return count;
}

}  // namespace

std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> out) {
  return walk(frame_pointer, {kUserEnd, ~std::uint64_t{0}}, out);
}

std::size_t backtrace_of(const Context& context, const void* stack_top, std::span<std::uint64_t> out) {
  constexpr std::size_t kSavedFramePointer = 5 * 8;  // ht_switch_context pushes it first, of six
  const auto top = reinterpret_cast<std::uint64_t>(stack_top);
  const StackRange stack{top - kKernelStackSize, top};
  const std::uint64_t saved = context.stack_pointer + kSavedFramePointer;
  if (stack_top == nullptr || saved % 8 != 0 || !stack.holds_frame(saved) || !is_kernel_mapped(saved)) return 0;
  return walk(*reinterpret_cast<const volatile std::uint64_t*>(saved), stack, out);
}

}  // namespace k::arch
