/// The place of open files without a name: eventfd, epoll, pidfd and their kind share one inode.
///
/// Invariants  one superblock, mount and inode for all, made at boot and kept for good; nobody can open the place by a path.
/// Context     init: boot, once. The rest: any.
/// Errors      init: NOMEM. Opening one again through /proc/PID/fd: NXIO.
/// Source      proc_pid_fd(5) (anon_inode).
#pragma once

#include <string_view>

#include "fs/vfs/path.h"

namespace k::fs {

Result<void> init_anonymous_files();

/// For File's constructor.
PathRef anonymous_place();

/// What describe_anonymous() of such a file says: "anon_inode:[pidfd]" for the type "[pidfd]".
std::size_t describe_anonymous_file(std::span<char> out, std::string_view type);

}  // namespace k::fs
