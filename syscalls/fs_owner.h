/// Signals about files for fcntl(2): owners, numbers, F_NOTIFY. Internal to syscalls/fs_*.cc.
#pragma once

#include "syscalls/fs_args.h"

namespace k::sys {

/// F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX, F_GETOWNER_UIDS, F_SETSIG, F_GETSIG, F_NOTIFY; INVAL: another command.
/// O_ASYNC on or off. NOTTY: the file tells nobody of anything.
Result<void> set_async(Task& self, Fd fd, fs::File& file, bool on);
/// F_GETLEASE, F_SETLEASE. ACCES: another's file; INVAL: no regular one, no lease of that type.
Result<long> get_lease(fs::File& file);
Result<long> set_lease(Task& self, Fd fd, fs::File& file, std::uint64_t number);
/// FIOSETOWN, FIOGETOWN and their other names, of sockets.
Result<long> socket_owner_ioctl(Task& self, fs::File& file, unsigned command, IoctlArg argument);
/// What fcntl(2) has of owners.
Result<long> fcntl_signal(Task& self, Fd fd, fs::File& file, unsigned command, IoctlArg argument);

}  // namespace k::sys
