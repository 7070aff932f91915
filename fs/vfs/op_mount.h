/// mount(2) and umount2(2), below the decoding of their arguments.
///
/// Context     task context. The caller has checked CAP_SYS_ADMIN.
/// Errors      NODEV (unknown type), INVAL, NOTDIR, BUSY, NOENT, LOOP, NOMEM; what the file system says of its options.
/// Source      mount(2), umount2(2).
#pragma once

#include "fs/vfs/mount_table.h"
#include "fs/vfs/path_walk.h"

namespace k::fs {

struct MountCall {
  std::string_view source, type, options;
  unsigned flags = 0;  // MS_*
  bool has_type = false;
};

Result<void> mount(const LookupContext& context, const PathRef& at, const MountCall& call);

using Unmount = MountTable::Unmount;
/// `at` is the only reference to the mount that the caller holds.
Result<void> unmount(const LookupContext& context, PathRef at, Unmount how);

}  // namespace k::fs
