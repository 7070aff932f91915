/// FdTable::Slots: the storage of a descriptor table of one capacity, and the look-up, which every call on a descriptor makes.
/// Included by fs/vfs/fd_table.h only.
///
/// Invariants  a bit in `taken` for each number that is open or reserved; one in `cloexec` only for taken ones.
///             Replaced as a whole when the table grows; readers under RCU.
#pragma once

#include <algorithm>
#include <bit>

#include "fs/vfs/fd_table.h"

namespace k::fs {

struct FdTable::Slots : sync::rcu::Head {
  static constexpr unsigned kFirstCapacity = 64;

  unsigned capacity;
  std::uint64_t* taken;
  std::uint64_t* cloexec;
  std::atomic<File*>* files;

  /// Room for `capacity` numbers, a multiple of 64, in one block; null when memory is exhausted.
  static Slots* create(unsigned capacity);
  static void destroy(Slots* slots) { lib::deallocate(slots); }
  void free_later();

  bool is_taken(unsigned fd) const { return (taken[fd / 64] >> (fd % 64) & 1) != 0; }
  void take(unsigned fd) { taken[fd / 64] |= std::uint64_t{1} << (fd % 64); }
  void give(unsigned fd) {
    taken[fd / 64] &= ~(std::uint64_t{1} << (fd % 64));
    set_cloexec(fd, FdFlag::none);
  }
  bool is_cloexec(unsigned fd) const { return (cloexec[fd / 64] >> (fd % 64) & 1) != 0; }
  void set_cloexec(unsigned fd, FdFlag flag) {
    const std::uint64_t bit = std::uint64_t{1} << (fd % 64);
    cloexec[fd / 64] = flag == FdFlag::cloexec ? cloexec[fd / 64] | bit : cloexec[fd / 64] & ~bit;
  }
  /// The lowest free number >= from; one beyond `capacity` when all that fit are taken.
  unsigned first_free(unsigned from) const {
    for (unsigned word = from / 64; word < capacity / 64; ++word) {
      std::uint64_t free = ~taken[word];
      if (word == from / 64) free &= ~std::uint64_t{0} << (from % 64);
      if (free != 0) return word * 64 + static_cast<unsigned>(std::countr_zero(free));
    }
    return std::max(capacity, from);
  }
  /// The lowest taken number >= from; `capacity` when there is none.
  unsigned first_taken(unsigned from) const {
    for (unsigned word = from / 64; word < capacity / 64; ++word) {
      std::uint64_t used = taken[word];
      if (word == from / 64) used &= ~std::uint64_t{0} << (from % 64);
      if (used != 0) return word * 64 + static_cast<unsigned>(std::countr_zero(used));
    }
    return capacity;
  }
};

inline unsigned FdTable::capacity() const {
  const sync::rcu::ReadGuard guard;
  return slots().capacity;
}

inline Result<FileHandle> FdTable::get_any(int fd) const {
  const auto number = static_cast<unsigned>(fd);
  if (is_shared()) [[unlikely]]
    return get_shared(number);
  const Slots& table = slots();
  if (number >= table.capacity) [[unlikely]]
    return err(Errno::badf);
  File* const file = table.files[number].load(std::memory_order_relaxed);
  if (file == nullptr) [[unlikely]]
    return err(Errno::badf);
  return FileHandle{file, false};
}

inline Result<FileHandle> FdTable::get(int fd) const {
  auto handle = get_any(fd);
  if (handle && (*handle)->is_path_only()) [[unlikely]]
    return err(Errno::badf);
  return handle;
}

}  // namespace k::fs
