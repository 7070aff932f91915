/// Character devices: numbers, names and how they open.
///
/// Invariants  registration is for good; a driver registers before or after devtmpfs is mounted, its node appears either way.
/// Lock order  Rank::device_list.
/// Context     task context.
/// Errors      open_char_device: NXIO for a number nobody registered.
/// Source      null(4), mem(4), tty(4), Linux's admin-guide/devices.txt for the numbers.
#pragma once

#include <string_view>

#include "fs/vfs/open.h"

namespace k::fs {

using CharDeviceOpener = Result<Ref<File>> (*)(const OpenRequest& request);

/// Registered as minor: every number of the major that has no device of its own.
inline constexpr std::uint32_t kAnyMinor = ~0u;

struct CharDevice {
  DeviceNumber number;
  std::string_view name;  // path below /dev; static storage; empty: no node
  std::uint32_t mode;     // permissions of the node
  CharDeviceOpener opener;
};

Result<void> register_char_device(const CharDevice& device);
inline Result<void> register_char_device(std::uint32_t major, std::uint32_t minor, std::string_view name,
                                         std::uint32_t mode, CharDeviceOpener opener) {
  return register_char_device(CharDevice{{major, minor}, name, mode, opener});
}
Result<Ref<File>> open_char_device(const OpenRequest& request);

/// Calls `visit` for every device so far, and from now on for every new one (devtmpfs).
using CharDeviceVisitor = Result<void> (*)(const CharDevice& device);
Result<void> watch_char_devices(CharDeviceVisitor visitor);

/// How rank 8 gives vfs the other special files: ipc opens FIFOs, later drivers open block devices.
using SpecialOpener = Result<Ref<File>> (*)(const OpenRequest& request);
void set_special_opener(FileType type, SpecialOpener opener);
/// Opens a FIFO, block device or socket: NXIO while nobody serves the type.
Result<Ref<File>> open_special(const OpenRequest& request);

}  // namespace k::fs
