// inotify_init, inotify_init1, inotify_add_watch, inotify_rm_watch.
#include <linux/inotify.h>

#include "fs/event/inotify_file.h"
#include "fs/vfs/operations.h"
#include "fs/vfs/permission.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using fs::event::Inotify;
using fs::event::InotifyFile;

constexpr std::uint32_t kKnown = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW |
                                 IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT;

Result<Inotify*> instance_behind(const fs::FileHandle& file) {
  auto* const inotify = fs::file_cast<InotifyFile>(*file);
  if (inotify == nullptr) return err(Errno::inval);
  return &inotify->instance();
}

}  // namespace

Result<Fd> inotify_init1(Task& self, Flags flags) {
  if (!flags.only(IN_CLOEXEC | IN_NONBLOCK)) return err(Errno::inval);
  auto file = TRY(InotifyFile::create(self.creds().euid, Flags{flags.bits() & IN_NONBLOCK}));
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(flags), TRY(limit_for_new_file(self))))};
}

Result<Fd> inotify_init(Task& self) { return inotify_init1(self, Flags{}); }

Result<int> inotify_add_watch(Task& self, Fd fd, UserCStr path, std::uint32_t mask) {
  const Flags how{mask};
  if (mask == 0 || !how.only(kKnown)) return err(Errno::inval);
  const auto file = TRY(self.fds().get(fd.number));
  if (how.has(IN_MASK_ADD | IN_MASK_CREATE)) return err(Errno::inval);
  Inotify* const instance = TRY(instance_behind(file));
  const auto last = how.has(IN_DONT_FOLLOW) ? fs::LastSymlink::keep : fs::LastSymlink::follow;
  const fs::PathRef found = TRY(find_file(self, Fd{AT_FDCWD}, path, {.last_symlink = last}));
  if (how.has(IN_ONLYDIR) && !found.inode().is(fs::FileType::directory)) return err(Errno::notdir);
  TRY(fs::may_access(found.mount(), found.inode(), self.creds(), fs::Access::read));
  return instance->add(found.inode(), mask);
}

Result<void> inotify_rm_watch(Task& self, Fd fd, int watch) {
  const auto file = TRY(self.fds().get(fd.number));
  return TRY(instance_behind(file))->remove(watch);
}

}  // namespace k::sys
