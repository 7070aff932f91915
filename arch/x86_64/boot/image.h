/// Addresses of the kernel image, from arch/x86_64/kernel.ld.
///
/// Invariants  taken relative to the instruction pointer, so they are physical on identity-mapped tables and virtual
/// later.
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::arch {
/// Elf64_Rela of type R_X86_64_RELATIVE.
struct RelativeRelocation {
  std::uint64_t offset, info, addend;
};
}  // namespace k::arch

extern "C" {
extern std::byte ht_image_begin[], ht_text_end[], ht_rodata_end[], ht_kept_end[], ht_image_end[];
extern std::byte ht_boot_stack_guard[], ht_boot_stack_top[], ht_early_tables[];
extern const std::uint64_t ht_relr_begin[], ht_relr_end[];
extern const k::arch::RelativeRelocation ht_rela_begin[], ht_rela_end[];
extern std::byte ht_percpu_begin[], ht_percpu_end[];
}

namespace k::arch {

inline constexpr std::uint64_t kImageLinkBase = 0xffff'ffff'8000'0000;

inline std::uint64_t image_address(const std::byte* symbol) { return reinterpret_cast<std::uint64_t>(symbol); }

}  // namespace k::arch
