/// What ioctl(2) does of copying: the commands that let one file share the blocks of another.
/// Context     task context.
/// Errors      as the man page says; OPNOTSUPP: the file system shares no blocks, and none here does.
/// Source      ioctl_ficlone(2), ioctl_ficlonerange(2).
#pragma once

#include "syscalls/fs_args.h"

namespace k::sys {

/// FICLONE and FICLONERANGE on `target`.
Result<long> clone_ioctl(Task& self, fs::File& target, unsigned command, IoctlArg argument);

}  // namespace k::sys
