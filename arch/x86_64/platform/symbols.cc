// The kernel's symbol table, which the build links in (rootfs/toolchain/ksyms has its layout).
#include <cstring>

#include "arch/include/arch/platform.h"
#include "arch/x86_64/boot/image.h"

extern "C" const std::byte ht_ksyms_begin[], ht_ksyms_end[];

namespace k::arch {
namespace {

struct Entry {
  std::uint32_t offset, name;
};

}  // namespace

Symbol symbolize(std::uint64_t address) {
  if (address < image_address(ht_image_begin) || address >= image_address(ht_text_end)) return {};
  std::uint32_t count;
  std::memcpy(&count, ht_ksyms_begin, sizeof count);
  const auto* entries = reinterpret_cast<const Entry*>(ht_ksyms_begin + 8);
  const auto* names = reinterpret_cast<const char*>(entries + count);
  const std::uint64_t offset = address - image_address(ht_image_begin);
  std::uint32_t low = 0, high = count;  // the first entry above `offset` is in (low, high]
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (entries[middle].offset <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return {};
  const Entry& e = entries[low - 1];
  return {names + e.name, offset - e.offset};
}

}  // namespace k::arch
