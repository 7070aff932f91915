/// System calls on files, directories, descriptors, mounts: the rows of table_fs.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <array>

#include "syscalls/convert.h"

namespace uapi {
struct stat;
struct statx;
struct statfs;
struct utimbuf;
struct __kernel_timespec;
struct __kernel_old_timeval;
}  // namespace uapi

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

/// The last argument of pselect6(2): a signal mask with its size.
struct SelectMask {
  std::uint64_t address;
  std::size_t bytes;
};

// -- Reading and writing
Result<std::size_t> read(Task& self, Fd fd, UserAddr to, std::size_t count);
Result<std::size_t> write(Task& self, Fd fd, UserAddr from, std::size_t count);
Result<std::size_t> pread64(Task& self, Fd fd, UserAddr to, std::size_t count, std::int64_t offset);
Result<std::size_t> pwrite64(Task& self, Fd fd, UserAddr from, std::size_t count, std::int64_t offset);
Result<std::size_t> readv(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count);
Result<std::size_t> writev(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count);
Result<std::size_t> preadv(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count, std::int64_t offset);
Result<std::size_t> pwritev(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count, std::int64_t offset);
Result<std::size_t> preadv2(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count, std::int64_t offset,
                            std::uint64_t, Flags flags);
Result<std::size_t> pwritev2(Task& self, Fd fd, UserIn<mm::IoSegment> vector, int count, std::int64_t offset,
                             std::uint64_t, Flags flags);
Result<std::uint64_t> lseek(Task& self, Fd fd, std::int64_t offset, unsigned whence);

// -- Opening and closing
Result<Fd> open(Task& self, UserCStr path, Flags flags, FileMode mode);
Result<Fd> openat(Task& self, Fd directory, UserCStr path, Flags flags, FileMode mode);
Result<Fd> creat(Task& self, UserCStr path, FileMode mode);
Result<Fd> openat2(Task& self, Fd directory, UserCStr path, UserAddr how_at, std::size_t size);
Result<void> close(Task& self, Fd fd);
Result<void> close_range(Task& self, unsigned first, unsigned last, Flags flags);

// -- Attributes
Result<void> stat(Task& self, UserCStr path, UserOut<uapi::stat> out);
Result<void> lstat(Task& self, UserCStr path, UserOut<uapi::stat> out);
Result<void> fstat(Task& self, Fd fd, UserOut<uapi::stat> out);
Result<void> newfstatat(Task& self, Fd directory, UserCStr path, UserOut<uapi::stat> out, Flags flags);
Result<void> statx(Task& self, Fd directory, UserCStr path, Flags flags, unsigned mask, UserOut<uapi::statx> out);
Result<void> statfs(Task& self, UserCStr path, UserOut<uapi::statfs> out);
Result<void> fstatfs(Task& self, Fd fd, UserOut<uapi::statfs> out);
Result<void> access(Task& self, UserCStr path, unsigned mode);
Result<void> faccessat(Task& self, Fd directory, UserCStr path, unsigned mode);
Result<void> faccessat2(Task& self, Fd directory, UserCStr path, unsigned mode, Flags flags);
Result<void> chmod(Task& self, UserCStr path, FileMode mode);
Result<void> fchmodat(Task& self, Fd directory, UserCStr path, FileMode mode);
Result<void> fchmod(Task& self, Fd fd, FileMode mode);
Result<void> chown(Task& self, UserCStr path, std::uint32_t uid, std::uint32_t gid);
Result<void> lchown(Task& self, UserCStr path, std::uint32_t uid, std::uint32_t gid);
Result<void> fchownat(Task& self, Fd directory, UserCStr path, std::uint32_t uid, std::uint32_t gid, Flags flags);
Result<void> fchown(Task& self, Fd fd, std::uint32_t uid, std::uint32_t gid);
Result<void> utimensat(Task& self, Fd directory, UserCStr path, UserIn<std::array<uapi::__kernel_timespec, 2>> times,
                       Flags flags);
Result<void> futimesat(Task& self, Fd directory, UserCStr path,
                       UserIn<std::array<uapi::__kernel_old_timeval, 2>> times);
Result<void> utimes(Task& self, UserCStr path, UserIn<std::array<uapi::__kernel_old_timeval, 2>> times);
Result<void> utime(Task& self, UserCStr path, UserIn<uapi::utimbuf> times);

// -- Names
Result<void> mkdirat(Task& self, Fd directory, UserCStr path, FileMode mode);
Result<void> mkdir(Task& self, UserCStr path, FileMode mode);
Result<void> mknodat(Task& self, Fd directory, UserCStr path, FileMode mode, unsigned device);
Result<void> mknod(Task& self, UserCStr path, FileMode mode, unsigned device);
Result<void> symlinkat(Task& self, UserCStr target, Fd directory, UserCStr path);
Result<void> symlink(Task& self, UserCStr target, UserCStr path);
Result<void> linkat(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to, Flags flags);
Result<void> link(Task& self, UserCStr from, UserCStr to);
Result<void> unlinkat(Task& self, Fd directory, UserCStr path, Flags flags);
Result<void> unlink(Task& self, UserCStr path);
Result<void> rmdir(Task& self, UserCStr path);
Result<void> renameat2(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to, Flags flags);
Result<void> renameat(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to);
Result<void> rename(Task& self, UserCStr from, UserCStr to);
Result<std::size_t> readlinkat(Task& self, Fd directory, UserCStr path, UserAddr out, int size);
Result<std::size_t> readlink(Task& self, UserCStr path, UserAddr out, int size);

// -- Directories
Result<std::size_t> getdents64(Task& self, Fd fd, UserAddr out, unsigned size);
Result<std::size_t> getdents(Task& self, Fd fd, UserAddr out, unsigned size);
Result<std::size_t> getcwd(Task& self, UserAddr out, std::size_t size);
Result<void> chdir(Task& self, UserCStr path);
Result<void> fchdir(Task& self, Fd fd);
Result<void> chroot(Task& self, UserCStr path);
std::uint32_t umask(Task& self, std::uint32_t mask);

// -- Descriptors
Result<Fd> dup(Task& self, Fd fd);
Result<Fd> dup2(Task& self, Fd from, Fd to);
Result<Fd> dup3(Task& self, Fd from, Fd to, Flags flags);
Result<long> fcntl(Task& self, Fd fd, unsigned command, IoctlArg argument);
Result<long> ioctl(Task& self, Fd fd, unsigned command, IoctlArg argument);
Result<void> flock(Task& self, Fd fd, unsigned operation);

// -- Content
Result<void> truncate(Task& self, UserCStr path, std::int64_t size);
Result<void> ftruncate(Task& self, Fd fd, std::int64_t size);
Result<void> fallocate(Task& self, Fd fd, Flags mode, std::int64_t offset, std::int64_t bytes);
Result<void> fadvise64(Task& self, Fd fd, std::int64_t, std::int64_t bytes, int advice);
Result<void> readahead(Task& self, Fd fd, std::int64_t, std::size_t);
Result<void> fsync(Task& self, Fd fd);
Result<void> fdatasync(Task& self, Fd fd);
Result<void> syncfs(Task& self, Fd fd);
int sync(Task& self);
Result<void> sync_file_range(Task& self, Fd fd, std::int64_t offset, std::int64_t bytes, Flags flags);
Result<std::size_t> sendfile(Task& self, Fd out, Fd in, UserInOut<std::int64_t> offset, std::size_t count);
Result<std::size_t> copy_file_range(Task& self, Fd in, UserInOut<std::int64_t> in_offset, Fd out,
                                    UserInOut<std::int64_t> out_offset, std::size_t count, Flags flags);

// -- Pipes and waiting
Result<void> pipe2(Task& self, UserOut<std::array<int, 2>> out, Flags flags);
Result<void> pipe(Task& self, UserOut<std::array<int, 2>> out);
Result<int> poll(Task& self, UserAddr fds, unsigned count, int timeout_ms);
Result<int> ppoll(Task& self, UserAddr fds, unsigned count, UserInOut<uapi::__kernel_timespec> timeout,
                  UserIn<std::uint64_t> mask, std::size_t mask_size);
Result<int> select(Task& self, int count, UserAddr in, UserAddr out, UserAddr except,
                   UserInOut<uapi::__kernel_old_timeval> timeout);
Result<int> pselect6(Task& self, int count, UserAddr in, UserAddr out, UserAddr except,
                     UserInOut<uapi::__kernel_timespec> timeout, UserIn<SelectMask> mask);

// -- Mounts
Result<void> mount(Task& self, UserCStr source, UserCStr target, UserCStr type, std::uint64_t flags, UserCStr data);
Result<void> umount2(Task& self, UserCStr target, Flags flags);

}  // namespace k::sys
