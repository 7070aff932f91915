/// Bringing the VFS up. Called by kernel/init, in this order.
///
/// Context     boot CPU, task context.
/// Errors      NOMEM.
#pragma once

#include "fs/vfs/fs_context.h"

namespace k::fs {

/// Dentry cache, name-hash key. Before any file system.
Result<void> init();
/// Mounts `type` (tmpfs) as the root of everything; the context is that of the first process.
Result<Ref<FsContext>> mount_root(std::string_view type, std::string_view options);

}  // namespace k::fs
