/// Page-table entries: their encoding, and the operations on a CPU's translations.
///
/// Invariants  four levels of 512 entries on x86-64 (five-level is not used); level 1 is the leaf for 4 KiB, level 2 may be
///             a 2 MiB leaf. Tables live in frames from mm/phys and are reached through the direct map. Only mm/vm's
///             cursor and arch's boot code write entries. The host uses the same encoding over array-backed frames.
/// Context     tlb_*: any with interrupts enabled or disabled, for the running CPU only; shootdown is mm/vm's, by call_on_cpus.
/// Source      Intel SDM volume 3, 4.5.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/types.h"

namespace k::arch {

inline constexpr unsigned kTopLevel = 4;
inline constexpr unsigned kEntriesPerTable = 512;

constexpr unsigned level_shift(unsigned level) { return 12 + 9 * (level - 1); }
constexpr unsigned level_index(std::uint64_t address, unsigned level) {
  return static_cast<unsigned>(address >> level_shift(level)) & (kEntriesPerTable - 1);
}

/// What a leaf mapping allows; the encoding adds the rest.
struct PageProtection {
  bool write = false, execute = false, user = true, global = false;
};

class Pte {
 public:
  static constexpr std::uint64_t kPresent = 1, kWrite = 2, kUser = 4, kWriteThrough = 8, kCacheDisable = 16,
                                 kAccessed = 32, kDirty = 64, kHuge = 128, kGlobal = 256,
                                 kNoExecute = std::uint64_t{1} << 63;
  /// Software bits: a leaf whose frame must be copied before it is written; a leaf not counted in the frame's references.
  static constexpr std::uint64_t kCopyOnWrite = std::uint64_t{1} << 9, kSpecial = std::uint64_t{1} << 10;
  static constexpr std::uint64_t kFrameMask = 0x000f'ffff'ffff'f000;

  constexpr Pte() = default;
  constexpr explicit Pte(std::uint64_t raw) : raw_(raw) {}
  static constexpr Pte leaf(PhysAddr frame, PageProtection p) {
    return Pte{frame.value | kPresent | kAccessed | (p.write ? kWrite | kDirty : 0) | (p.user ? kUser : 0) |
               (p.global ? kGlobal : 0) | (p.execute ? 0 : kNoExecute)};
  }
  /// A pointer to a lower table; permissions are the leaf's business.
  static constexpr Pte table(PhysAddr frame) { return Pte{frame.value | kPresent | kWrite | kUser | kAccessed}; }

  constexpr std::uint64_t raw() const { return raw_; }
  constexpr bool empty() const { return raw_ == 0; }
  constexpr bool present() const { return (raw_ & kPresent) != 0; }
  constexpr bool writable() const { return (raw_ & kWrite) != 0; }
  constexpr bool executable() const { return (raw_ & kNoExecute) == 0; }
  constexpr bool huge() const { return (raw_ & kHuge) != 0; }
  constexpr bool dirty() const { return (raw_ & kDirty) != 0; }
  constexpr bool copy_on_write() const { return (raw_ & kCopyOnWrite) != 0; }
  constexpr bool special() const { return (raw_ & kSpecial) != 0; }
  constexpr PhysAddr frame() const { return PhysAddr{raw_ & kFrameMask}; }
  constexpr Pte with(std::uint64_t bits) const { return Pte{raw_ | bits}; }
  constexpr Pte without(std::uint64_t bits) const { return Pte{raw_ & ~bits}; }
  constexpr bool operator==(const Pte&) const = default;

 private:
  std::uint64_t raw_ = 0;
};

/// One table as the walker sees it.
struct PageTable {
  std::atomic<std::uint64_t> entries[kEntriesPerTable];
};

/// Loads the address space rooted at `root` (a top-level table whose upper half is the kernel's).
void load_page_table(PhysAddr root);
PhysAddr loaded_page_table();
/// The kernel-only root that kernel threads and dying address spaces run on.
PhysAddr kernel_page_table();
/// Copies the kernel's half into a fresh (zeroed) top-level table.
void init_top_level(PageTable& table);
void tlb_flush_page(UserAddr address);
void tlb_flush_all();
/// Maps `frame` at kernel virtual address `at` (4 KiB); for kernel stacks, MMIO and vmalloc areas. False when a table is needed
/// and lib::allocate has no memory for it: hold no lock at or above Rank::slab. Takes no lock itself, so calls for
/// different addresses may run side by side; unmap_kernel_page returns the frame that was there and flushes this CPU's
/// translation only.
bool map_kernel_page(std::uint64_t at, PhysAddr frame, PageProtection protection, bool uncached);
PhysAddr unmap_kernel_page(std::uint64_t at);

}  // namespace k::arch
