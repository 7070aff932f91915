/// Record locks for fcntl(2). Internal to syscalls/fs_*.cc.
#pragma once

#include "syscalls/fs_args.h"

namespace k::sys {

/// F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ forms.
Result<long> record_lock(Task& self, fs::File& file, unsigned command, IoctlArg argument);

}  // namespace k::sys
