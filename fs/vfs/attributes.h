/// Attributes of an inode as stat(2) and statx(2) report them, and a change as chmod, chown, utimensat and truncate ask for.
/// Source: inode(7), statx(2).
#pragma once

#include <cstdint>
#include <optional>

#include "fs/vfs/credentials.h"
#include "fs/vfs/device_number.h"
#include "fs/vfs/timestamp.h"

namespace k::fs {

struct Attributes {
  std::uint64_t inode_number = 0, size = 0, blocks = 0;  // blocks of 512 bytes
  std::uint32_t mode = 0, links = 0, block_size = 0;
  Uid uid = 0;
  Gid gid = 0;
  DeviceNumber device, special_device;
  Timestamp accessed, modified, changed, born;
  std::uint64_t mount_id = 0;
  bool is_mount_root = false;
};

/// What is to change; an empty member stays as it is. `changed` is always set to now.
struct AttributeChange {
  std::optional<std::uint32_t> permissions;  // the 07777 bits
  std::optional<Uid> uid;
  std::optional<Gid> gid;
  std::optional<Timestamp> accessed, modified;
};

}  // namespace k::fs
