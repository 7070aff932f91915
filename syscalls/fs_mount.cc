// mount, umount2.
#include <linux/mount.h>

#include "fs/vfs/op_mount.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

// umount2(2); the UAPI headers do not have them.
constexpr unsigned kUmountForce = 1, kUmountDetach = 2, kUmountExpire = 4, kUmountNoFollow = 8;

/// A null pointer counts as no text. These are no paths: an empty one is one.
Result<void> read_optional(PathArg& text, UserCStr from) {
  return from.is_null() ? Result<void>{} : text.read(from, fs::EmptyPath::base);
}

}  // namespace

Result<void> mount(Task& self, UserCStr source, UserCStr target, UserCStr type, std::uint64_t flags, UserCStr data) {
  PathArg type_text, source_text, options;
  TRY(read_optional(type_text, type));
  TRY(read_optional(source_text, source));
  TRY(read_optional(options, data));
  const fs::PathRef at = TRY(find_file(self, Fd{AT_FDCWD}, target, {}));
  if (!self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
  return fs::mount(context_of(self), at,
                   {.source = source_text.view(),
                    .type = type_text.view(),
                    .options = options.view(),
                    .flags = static_cast<unsigned>(flags),
                    .has_type = !type.is_null()});
}

Result<void> umount2(Task& self, UserCStr target, Flags flags) {
  if (!flags.only(kUmountForce | kUmountDetach | kUmountExpire | kUmountNoFollow)) return err(Errno::inval);
  if (flags.has(kUmountExpire) && flags.any(kUmountForce | kUmountDetach)) return err(Errno::inval);
  const auto last = flags.has(kUmountNoFollow) ? fs::LastSymlink::keep : fs::LastSymlink::follow;
  fs::PathRef at = TRY(find_file(self, Fd{AT_FDCWD}, target, {.last_symlink = last}));
  if (!self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
  if (flags.has(kUmountExpire)) return err(Errno::again);
  return fs::unmount(context_of(self), std::move(at),
                     flags.has(kUmountDetach) ? fs::Unmount::detach : fs::Unmount::if_unused);
}

}  // namespace k::sys
