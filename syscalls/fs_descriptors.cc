// dup, dup2, dup3, fcntl, ioctl.
#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <linux/fs.h>
#include <linux/nsfs.h>

#include "fs/vfs/permission.h"
#include "fs/vfs/seals.h"
#include "syscalls/fs_args.h"
#include "syscalls/fs_copy.h"
#include "syscalls/fs_locks.h"
#include "syscalls/fs_owner.h"

namespace k::sys {
namespace {

using uapi::file_clone_range;  // in what FICLONERANGE expands to

Result<long> duplicate(Task& self, Fd fd, IoctlArg argument, fs::FdFlag flag) {
  auto file = TRY(self.fds().get_any(fd.number)).share();
  const std::uint64_t limit = open_files_limit(self);
  const auto minimum = static_cast<unsigned>(argument.value());
  if (minimum >= limit) return err(Errno::inval);
  return TRY(self.fds().reserve(limit, static_cast<int>(minimum))).publish(std::move(file), flag);
}

Result<long> set_status_flags(Task& self, Fd fd, fs::File& file, Flags flags) {
  const fs::Inode& inode = file.inode();
  const bool adds_noatime = flags.has(O_NOATIME) && !file.flags().has(O_NOATIME);
  if (adds_noatime && !fs::is_owner_or_capable(inode, self.creds())) return err(Errno::perm);
  const bool direct_works = inode.is(fs::FileType::fifo);
  if (flags.has(O_DIRECT) && !file.flags().has(O_DIRECT) && !direct_works) return err(Errno::inval);
  if (const auto set = set_async(self, fd, file, flags.has(FASYNC)); !set && set.error() != Errno::notty)
    return err(set.error());
  file.set_status_flags(flags);
  return 0;
}

Result<long> set_pipe_size(Task& self, fs::File& file, std::uint64_t bytes) {
  constexpr std::uint64_t kUnprivileged = 1 << 20;  // pipe-max-size, pipe(7)
  TRY(file.buffer_capacity());
  if (bytes > INT32_MAX) return err(Errno::inval);
  if (bytes > kUnprivileged && !self.creds().has(CAP_SYS_RESOURCE)) return err(Errno::perm);
  return static_cast<long>(TRY(file.set_buffer_capacity(bytes)));
}

/// The commands that work on any descriptor, O_PATH ones too.
std::optional<Result<long>> fcntl_on_descriptor(Task& self, Fd fd, unsigned command, IoctlArg argument) {
  switch (command) {
    case F_DUPFD:
      return duplicate(self, fd, argument, fs::FdFlag::none);
    case F_DUPFD_CLOEXEC:
      return duplicate(self, fd, argument, fs::FdFlag::cloexec);
    case F_GETFD: {
      const auto flag = self.fds().flag(fd.number);
      return flag ? Result<long>{*flag == fs::FdFlag::cloexec ? FD_CLOEXEC : 0} : Result<long>{err(flag.error())};
    }
    case F_SETFD: {
      const bool cloexec = (argument.value() & FD_CLOEXEC) != 0;
      const auto set = self.fds().set_flag(fd.number, cloexec ? fs::FdFlag::cloexec : fs::FdFlag::none);
      return set ? Result<long>{0} : Result<long>{err(set.error())};
    }
    case F_GETFL: {
      const auto file = self.fds().get_any(fd.number);
      return file ? Result<long>{static_cast<long>((*file)->flags().bits())} : Result<long>{err(file.error())};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Fd> dup(Task& self, Fd fd) {
  auto file = TRY(self.fds().get_any(fd.number)).share();
  return Fd{TRY(self.fds().install(std::move(file), fs::FdFlag::none, open_files_limit(self)))};
}

Result<Fd> dup2(Task& self, Fd from, Fd to) {
  if (from == to) {
    TRY(self.fds().get_any(from.number));
    return to;
  }
  return Fd{TRY(self.fds().duplicate_to(from.number, to.number, fs::FdFlag::none, open_files_limit(self)))};
}

Result<Fd> dup3(Task& self, Fd from, Fd to, Flags flags) {
  if (!flags.only(O_CLOEXEC) || from == to) return err(Errno::inval);
  return Fd{TRY(self.fds().duplicate_to(from.number, to.number, cloexec_flag(flags), open_files_limit(self)))};
}

Result<long> fcntl(Task& self, Fd fd, unsigned command, IoctlArg argument) {
  if (const auto done = fcntl_on_descriptor(self, fd, command, argument)) return *done;
  const auto file = TRY(self.fds().get(fd.number));
  switch (command) {
    case F_SETFL:
      return set_status_flags(self, fd, *file, Flags{static_cast<unsigned>(argument.value())});
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return record_lock(self, *file, command, argument);
    case F_GETLEASE:
      return get_lease(*file);
    case F_SETLEASE:
      return set_lease(self, fd, *file, argument.value());
    case F_ADD_SEALS:
      TRY(fs::add_seals(*file, argument.value()));
      return 0;
    case F_GET_SEALS:
      return static_cast<long>(TRY(fs::get_seals(*file)));
    case F_GETPIPE_SZ:
      return static_cast<long>(TRY(file->buffer_capacity()));
    case F_SETPIPE_SZ:
      return set_pipe_size(self, *file, argument.value());
    default:
      return fcntl_signal(self, fd, *file, command, argument);
  }
}

namespace {

Result<long> set_nonblocking(fs::File& file, IoctlArg argument) {
  const Flags now = file.flags();
  file.set_status_flags(TRY(argument.read<int>()) != 0 ? now.with(O_NONBLOCK) : now.without(O_NONBLOCK));
  return 0;
}

Result<long> set_async_by_ioctl(Task& self, Fd fd, fs::File& file, IoctlArg argument) {
  TRY(set_async(self, fd, file, TRY(argument.read<int>()) != 0));
  return 0;
}

Result<long> set_cloexec(Task& self, Fd fd, fs::FdFlag flag) {
  TRY(self.fds().set_flag(fd.number, flag));
  return 0;
}

/// FIOQSIZE: the size of what has one on a disk or in memory.
Result<long> tell_size(fs::Inode& inode, IoctlArg argument) {
  if (!inode.is(fs::FileType::regular) && !inode.is(fs::FileType::directory) && !inode.is(fs::FileType::symlink))
    return err(Errno::notty);
  TRY(argument.write(static_cast<std::int64_t>(inode.size())));
  return 0;
}

/// A new descriptor of what belongs to `file`.
Result<long> open_related(Task& self, fs::File& file, unsigned command, Flags flags) {
  auto related = TRY(file.open_related(command, flags));
  return TRY(self.fds().install(std::move(related), cloexec_flag(flags), TRY(limit_for_new_file(self))));
}

}  // namespace

Result<long> ioctl(Task& self, Fd fd, unsigned command, IoctlArg argument) {
  const auto file = TRY(self.fds().get(fd.number));
  switch (command) {
    case FIOCLEX:
      return set_cloexec(self, fd, fs::FdFlag::cloexec);
    case FIONCLEX:
      return set_cloexec(self, fd, fs::FdFlag::none);
    case FIONBIO:
      return set_nonblocking(*file, argument);
    case FIOASYNC:
      return set_async_by_ioctl(self, fd, *file, argument);
    case FIOSETOWN:
    case FIOGETOWN:
    case SIOCSPGRP:
    case SIOCGPGRP:
      return socket_owner_ioctl(self, *file, command, argument);
    case FIGETBSZ:
      TRY(argument.write(static_cast<int>(file->inode().superblock().block_size())));
      return 0;
    case FICLONE:
    case FICLONERANGE:
      return clone_ioctl(self, *file, command, argument);
    case FIOQSIZE:
      return tell_size(file->inode(), argument);
    case TIOCGPTPEER:
      return open_related(self, *file, command, Flags{static_cast<unsigned>(argument.value())});
    case NS_GET_USERNS:
      return open_related(self, *file, command, Flags{O_RDONLY | O_CLOEXEC});
    default:
      return file->ioctl(command, argument);
  }
}

}  // namespace k::sys
