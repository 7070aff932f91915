#include "arch/x86_64/boot/hand_over.h"

namespace k::arch::boot {

constinit HandOver g_hand_over;

void HandOver::add_range(std::uint64_t base, std::uint64_t bytes, MemoryKind kind) {
  if (bytes == 0 || base + bytes < base || range_count == kMaxRanges) return;
  ranges[range_count++] = {PhysAddr{base}, bytes, kind};
}

void HandOver::set_command_line(const char* text, std::size_t max) {
  std::size_t n = 0;
  while (n < max && n < kCommandLineBytes - 1 && text[n] != '\0') {
    command_line[n] = text[n];
    ++n;
  }
  command_line[n] = '\0';
  command_line_length = n;
}

}  // namespace k::arch::boot
