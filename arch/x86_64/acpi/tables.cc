#include "arch/x86_64/acpi/tables.h"

#include <cstring>

#include "arch/x86_64/memory/kernel_map.h"

namespace k::arch::acpi {
namespace {

struct [[gnu::packed]] Rsdp {
  char signature[8];
  std::uint8_t checksum;
  char oem[6];
  std::uint8_t revision;
  std::uint32_t rsdt;
  // From revision 2 on.
  std::uint32_t length;
  std::uint64_t xsdt;
  std::uint8_t extended_checksum, reserved[3];
};
static_assert(sizeof(Rsdp) == 36);
constexpr std::size_t kRsdpRevision0Bytes = 20;

constinit const Header* g_root = nullptr;

bool sums_to_zero(const void* block, std::size_t bytes) {
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    sum = static_cast<std::uint8_t>(sum + static_cast<const std::uint8_t*>(block)[i]);
  return sum == 0;
}

bool root_from(const Rsdp& rsdp) {
  if (std::memcmp(rsdp.signature, "RSD PTR ", 8) != 0 || !sums_to_zero(&rsdp, kRsdpRevision0Bytes)) return false;
  if (rsdp.revision >= 2 && rsdp.xsdt != 0 && sums_to_zero(&rsdp, sizeof rsdp)) {
    g_root = table_at(PhysAddr{rsdp.xsdt}, "XSDT");
  }
  if (g_root == nullptr) g_root = table_at(PhysAddr{rsdp.rsdt}, "RSDT");
  return g_root != nullptr;
}

/// The structure stands on a 16-byte boundary. Source: ACPI 6.4, 5.2.5.1.
bool search(std::uint64_t begin, std::uint64_t end) {
  const auto* area = static_cast<const std::byte*>(map_firmware_table(PhysAddr{begin}, end - begin));
  if (area == nullptr) return false;
  for (std::uint64_t at = 0; at + sizeof(Rsdp) <= end - begin; at += 16) {
    if (root_from(*reinterpret_cast<const Rsdp*>(area + at))) return true;
  }
  return false;
}

bool search_bios_areas() {
  constexpr std::uint64_t kEbdaPointer = 0x40e, kEbdaBytes = 1024, kBiosBegin = 0xe0000, kBiosEnd = 0x100000;
  const auto* pointer = static_cast<const std::uint16_t*>(map_firmware_table(PhysAddr{kEbdaPointer}, 2));
  std::uint16_t segment = 0;
  if (pointer != nullptr) std::memcpy(&segment, pointer, sizeof segment);
  const std::uint64_t ebda = std::uint64_t{segment} << 4;
  return (ebda >= 0x400 && search(ebda, ebda + kEbdaBytes)) || search(kBiosBegin, kBiosEnd);
}

}  // namespace

const Header* table_at(PhysAddr address, std::string_view signature) {
  if (address.value == 0) return nullptr;
  const auto* header = static_cast<const Header*>(map_firmware_table(address, sizeof(Header)));
  if (header == nullptr || std::string_view{header->signature, 4} != signature) return nullptr;
  const std::size_t length = header->length;
  if (length < sizeof(Header) || length > kMaxTableBytes || map_firmware_table(address, length) == nullptr)
    return nullptr;
  return sums_to_zero(header, length) ? header : nullptr;
}

bool find_root(PhysAddr rsdp) {
  if (rsdp.value != 0) {
    const auto* given = static_cast<const Rsdp*>(map_firmware_table(rsdp, sizeof(Rsdp)));
    if (given != nullptr && root_from(*given)) return true;
  }
  return search_bios_areas();
}

const Header* find_table(std::string_view signature, std::size_t minimum) {
  if (g_root == nullptr) return nullptr;
  const std::size_t width = g_root->signature[0] == 'X' ? 8 : 4;
  const auto* entries = reinterpret_cast<const std::byte*>(g_root + 1);
  const std::size_t count = (g_root->length - sizeof(Header)) / width;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t address = 0;
    std::memcpy(&address, entries + i * width, width);
    const Header* table = table_at(PhysAddr{address}, signature);
    if (table != nullptr && table->length >= minimum) return table;
  }
  return nullptr;
}

}  // namespace k::arch::acpi
