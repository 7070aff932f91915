// Multiboot2 information, as GRUB 2 passes it on BIOS and (after leaving boot services) on UEFI.
// Source: Multiboot2 specification 3.6; UEFI 2.10, 7.2 (memory types).
#include "arch/x86_64/boot/hand_over.h"
#include "kernel/lib/types.h"

namespace k::arch::boot {
namespace {

enum TagType : std::uint32_t {
  kEnd = 0,
  kCommandLine = 1,
  kModule = 3,
  kMemoryMap = 6,
  kRsdpOld = 14,
  kRsdpNew = 15,
  kEfiMap = 17
};

struct Tag {
  std::uint32_t type, bytes;
};
struct ModuleTag {
  Tag tag;
  std::uint32_t begin, end;
};
struct MapTag {
  Tag tag;
  std::uint32_t entry_bytes, entry_version;
};
struct MapEntry {
  std::uint64_t base, bytes;
  std::uint32_t type, reserved;
};
struct EfiDescriptor {
  std::uint32_t type, pad;
  std::uint64_t base, virtual_start, pages, attributes;
};

MemoryKind kind_of_efi(std::uint32_t type) {
  // Loader and boot-services code and data (1-4) are ours once boot services have ended; 7 is conventional, 9 ACPI.
  if ((type >= 1 && type <= 4) || type == 7) return MemoryKind::usable;
  return type == 9 ? MemoryKind::acpi_reclaimable : MemoryKind::reserved;
}

void read_map(const MapTag& map, bool efi) {
  const auto at = reinterpret_cast<std::uint64_t>(&map);
  if (map.entry_bytes < sizeof(MapEntry)) return;
  for (std::uint64_t p = at + sizeof map; p + map.entry_bytes <= at + map.tag.bytes; p += map.entry_bytes) {
    if (efi) {
      const auto& e = *reinterpret_cast<const EfiDescriptor*>(p);
      g_hand_over.add_range(e.base, e.pages * kPageSize, kind_of_efi(e.type));
    } else {
      const auto& e = *reinterpret_cast<const MapEntry*>(p);
      g_hand_over.add_range(e.base, e.bytes, kind_of_e820(e.type));
    }
  }
}

void read_rsdp(const Tag& tag) {
  HandOver& h = g_hand_over;
  const auto* from = reinterpret_cast<const std::byte*>(&tag + 1);
  const std::size_t bytes = tag.bytes - sizeof(Tag);
  for (std::size_t i = 0; i < bytes && i < sizeof h.rsdp_copy; ++i) h.rsdp_copy[i] = from[i];
  h.rsdp = reinterpret_cast<std::uint64_t>(h.rsdp_copy);  // identity-mapped: the physical address
}

void read_tag(const Tag& tag, const Tag*& efi_map, const Tag*& map, bool& have_new_rsdp) {
  HandOver& h = g_hand_over;
  switch (tag.type) {
    case kCommandLine:
      h.set_command_line(reinterpret_cast<const char*>(&tag + 1), tag.bytes - sizeof(Tag));
      break;
    case kModule: {
      const auto& module = reinterpret_cast<const ModuleTag&>(tag);
      if (h.initramfs_bytes != 0 || module.end <= module.begin) break;
      h.initramfs_base = module.begin;
      h.initramfs_bytes = module.end - module.begin;
      break;
    }
    case kMemoryMap:
      map = &tag;
      break;
    case kEfiMap:
      efi_map = &tag;
      break;
    case kRsdpOld:
      if (!have_new_rsdp) read_rsdp(tag);
      break;
    case kRsdpNew:
      have_new_rsdp = true;
      read_rsdp(tag);
      break;
    default:
      break;
  }
}

}  // namespace

void read_multiboot2(std::uint64_t address) {
  g_hand_over.loader = Loader::multiboot2;
  const auto total = *reinterpret_cast<const std::uint32_t*>(address);
  const Tag *efi_map = nullptr, *map = nullptr;
  bool have_new_rsdp = false;
  for (std::uint64_t p = address + 8; p + sizeof(Tag) <= address + total;) {
    const auto& tag = *reinterpret_cast<const Tag*>(p);
    if (tag.type == kEnd || tag.bytes < sizeof(Tag)) break;
    read_tag(tag, efi_map, map, have_new_rsdp);
    p += lib::align_up(tag.bytes, 8);
  }
  // GRUB's own map on UEFI is made from the firmware's; the latter says more.
  g_hand_over.uefi = efi_map != nullptr;
  const Tag* chosen = efi_map != nullptr ? efi_map : map;
  if (chosen != nullptr) read_map(reinterpret_cast<const MapTag&>(*chosen), efi_map != nullptr);
}

}  // namespace k::arch::boot
