/// open: from a path and flags to an open file description.
///
/// Invariants  nothing is created or truncated unless the whole call can succeed, except what Linux also leaves behind.
/// Errors      open(2), openat2(2).
/// Source      open(2), openat2(2).
#pragma once

#include "fs/vfs/file.h"
#include "fs/vfs/path_walk.h"
#include "mm/phys/slab_reservation.h"

namespace k::fs {

struct OpenHow {
  lib::Flags flags;        // O_*
  std::uint32_t mode = 0;  // before the umask
  unsigned resolve = 0;    // RESOLVE_*
};

class RegularFile;
using RegularFileMemory = mm::SlabReservation<RegularFile>;

/// What Inode::open gets.
struct OpenRequest {
  const PathRef& path;
  lib::Flags flags;
  const Credentials& credentials;
  /// Memory for the description of a file that was made just now: opening it does not fail for want of any.
  RegularFileMemory* reserved = nullptr;
};

/// INVAL: flags that no file can be opened with.
Result<void> check_open_flags(lib::Flags flags);
/// With checked flags.
Result<Ref<File>> open(const LookupContext& context, WalkBase base, std::string_view path, OpenHow how);
/// For execve(2): a regular file with execute permission on a mount without noexec, opened for reading. The caller
/// denies writing through inode().deny_writing() while it runs.
Result<Ref<File>> open_program(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy);
/// Opens a place that the caller holds already (kernel/init, /proc/PID/fd).
Result<Ref<File>> open_place(const LookupContext& context, const PathRef& path, lib::Flags flags);

}  // namespace k::fs
