/// struct linux_dirent64, which <linux/dirent.h> does not give to user space, and the DT_* types.
/// Source: getdents(2).
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::abi {

/// What stands before the name; the name with its NUL follows at kNameOffset, the record is a multiple of 8 bytes long.
struct Dirent64 {
  std::uint64_t inode;
  std::int64_t next;
  std::uint16_t length;
  std::uint8_t type;  // S_IFMT >> 12
  static constexpr std::size_t kNameOffset = 19;
};
static_assert(offsetof(Dirent64, length) == 16 && offsetof(Dirent64, type) == 18);

/// struct linux_dirent of getdents(2): the type is the record's last byte.
struct Dirent {
  std::uint64_t inode, next;
  std::uint16_t length;
  static constexpr std::size_t kNameOffset = 18;
};

}  // namespace k::abi
