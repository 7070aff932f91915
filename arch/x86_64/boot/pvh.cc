// PVH: the boot protocol of `qemu -kernel` and of microVM monitors.
// Source: Xen public/arch-x86/hvm/start_info.h.
#include "arch/x86_64/boot/hand_over.h"

namespace k::arch::boot {
namespace {

struct StartInfo {
  std::uint32_t magic, version, flags, module_count;
  std::uint64_t modules, command_line, rsdp;
  // From version 1 on.
  std::uint64_t memory_map;
  std::uint32_t memory_map_entries, reserved;
};
static_assert(sizeof(StartInfo) == 56);

struct Module {
  std::uint64_t address, bytes, command_line, reserved;
};
struct MemoryMapEntry {
  std::uint64_t base, bytes;
  std::uint32_t type, reserved;
};

constexpr std::uint32_t kMagic = 0x336ec578;

}  // namespace

void read_pvh(std::uint64_t address) {
  const auto& info = *reinterpret_cast<const StartInfo*>(address);
  if (info.magic != kMagic) return;
  HandOver& h = g_hand_over;
  h.loader = Loader::pvh;
  h.rsdp = info.rsdp;
  if (info.command_line != 0)
    h.set_command_line(reinterpret_cast<const char*>(info.command_line), HandOver::kCommandLineBytes);
  if (info.module_count > 0) {
    const auto& module = *reinterpret_cast<const Module*>(info.modules);
    h.initramfs_base = module.address;
    h.initramfs_bytes = module.bytes;
  }
  if (info.version == 0) return;
  const auto* map = reinterpret_cast<const MemoryMapEntry*>(info.memory_map);
  for (std::uint32_t i = 0; i < info.memory_map_entries; ++i)
    h.add_range(map[i].base, map[i].bytes, kind_of_e820(map[i].type));
}

}  // namespace k::arch::boot
