/// Signals about files for fcntl(2): owners, numbers, F_NOTIFY. Internal to syscalls/fs_*.cc.
#pragma once

#include "syscalls/fs_args.h"

namespace k::sys {

/// F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX, F_GETOWNER_UIDS, F_SETSIG, F_GETSIG, F_NOTIFY; INVAL: another command.
Result<long> fcntl_signal(Task& self, Fd fd, fs::File& file, unsigned command, IoctlArg argument);

}  // namespace k::sys
