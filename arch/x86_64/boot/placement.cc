#include "arch/x86_64/boot/placement.h"

#include "arch/include/arch/cpu.h"
#include "kernel/lib/types.h"

namespace k::arch::boot {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kHalf = 0xffff'8000'0000'0000;
constexpr std::uint64_t slot_address(std::uint64_t slot) { return kHalf + (slot << 39); }

}  // namespace

bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || line[at - 1] == ' ') && (end == line.size() || line[end] == ' ')) return true;
  }
  return false;
}

Placement choose_placement(std::string_view command_line, std::uint64_t image_bytes, std::uint64_t highest) {
  // Slots are counted in the upper half: 0 to 254, the image has 255.
  Placement p{.slide = 0, .direct_map = slot_address(0), .virtual_area = slot_address(128)};
  if (has_word(command_line, "nokaslr")) return p;
  const std::uint64_t slots = (highest + kTopSlotBytes - 1) / kTopSlotBytes;
  p.slide = lib::align_down(hardware_entropy() % (kGiB - lib::align_up(image_bytes, kPageSize)), kPageSize);
  // One slot more than needed leaves room to start anywhere in the first.
  p.direct_map = slot_address(hardware_entropy() % (126 - slots)) + (hardware_entropy() % 512) * kGiB;
  p.virtual_area = slot_address(128 + hardware_entropy() % 126);
  return p;
}

}  // namespace k::arch::boot
