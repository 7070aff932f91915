#include "arch/include/arch/memory.h"
#include "arch/include/arch/platform.h"
#include "arch/x86_64/memory/kernel_map.h"

namespace k::arch {

/// A frame is the caller's rbp and the return address; the chain must climb and stay in mapped kernel memory, because
/// it may be damaged and it ends in a user value or zero.
std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> out) {
  std::size_t count = 0;
  while (count < out.size()) {
    if (frame_pointer % 8 != 0 || !is_kernel_mapped(frame_pointer) || !is_kernel_mapped(frame_pointer + 8)) break;
    const auto* frame = reinterpret_cast<const std::uint64_t*>(frame_pointer);
    if (frame[1] < kUserEnd) break;
    out[count++] = frame[1];
    if (frame[0] <= frame_pointer) break;
    frame_pointer = frame[0];
  }
  return count;
}

}  // namespace k::arch
