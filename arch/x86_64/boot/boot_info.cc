#include "arch/x86_64/boot/boot_info.h"

#include "arch/include/arch/memory.h"
#include "arch/x86_64/boot/early_frames.h"
#include "arch/x86_64/boot/hand_over.h"
#include "arch/x86_64/boot/image.h"
#include "arch/x86_64/boot/memory_map.h"
#include "arch/x86_64/boot/state.h"

namespace k::arch {
namespace {

constinit BootInfo g_boot_info{};
constinit MemoryRange g_input[boot::HandOver::kMaxRanges + 2]{};
constinit MemoryRange g_memory[boot::HandOver::kMaxRanges]{};

std::string_view loader_name(const boot::HandOver& h) {
  if (h.loader == boot::Loader::pvh) return "pvh";
  return h.uefi ? "multiboot2-uefi" : "multiboot2-bios";
}

}  // namespace

const BootInfo& boot_info() { return g_boot_info; }

namespace boot {

void publish_boot_info() {
  const HandOver& h = g_hand_over;
  std::size_t count = 0;
  for (unsigned i = 0; i < h.range_count; ++i) {
    g_input[count] = h.ranges[i];
    // The early tables at the image's end have served.
    if (h.ranges[i].kind == MemoryKind::kernel_image && h.ranges[i].base.value == g_state.image_physical) {
      g_input[count].bytes = image_address(ht_kept_end) - image_address(ht_image_begin);
    }
    ++count;
  }
  g_input[count++] = g_early_frames.taken();
  g_boot_info.memory = {g_memory, normalise({g_input, count}, g_memory)};
  g_boot_info.command_line = {h.command_line, h.command_line_length};
  if (h.initramfs_bytes != 0) {
    g_boot_info.initramfs = {static_cast<const std::byte*>(phys_to_virt(PhysAddr{h.initramfs_base})),
                             h.initramfs_bytes};
  }
  g_boot_info.loader = loader_name(h);
  g_boot_info.rsdp = PhysAddr{h.rsdp};
}

}  // namespace boot
}  // namespace k::arch
