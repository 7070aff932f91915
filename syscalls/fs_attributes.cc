// access, chmod, chown and the calls that set times.
#include <linux/time_types.h>

#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr fs::WalkPolicy kFollow{};
constexpr fs::WalkPolicy kKeep{.last_symlink = fs::LastSymlink::keep};

fs::AccessSet access_of(unsigned mode) { return fs::AccessSet::from_bits(static_cast<std::uint8_t>(mode)); }

/// access(2) asks for the real ids, with the capabilities that a process with those would have.
Result<Ref<fs::Credentials>> real_credentials(const Task& self) {
  auto real = TRY(self.creds().copy());
  real->fsuid = real->uid;
  real->fsgid = real->gid;
  real->effective = real->uid == fs::kRootUid ? real->permitted : fs::CapabilitySet{};
  return real;
}

Result<void> check_access(const fs::LookupContext& context, fs::WalkBase base, std::string_view path, unsigned mode,
                          Flags flags) {
  const fs::PathRef found = TRY(fs::lookup(context, base, path, policy_of(flags)));
  if (mode == 0) return {};
  return fs::may_access(found.mount(), found.inode(), context.credentials, access_of(mode));
}

Result<void> access_at(Task& self, Fd directory, UserCStr path, unsigned mode, Flags flags) {
  if ((mode & ~7u) != 0) return err(Errno::inval);
  PathArg text;
  TRY(text.read(path, policy_of(flags).empty_path));
  BaseArg holder;
  const fs::WalkBase base = TRY(holder.resolve(self, directory, text.view()));
  const fs::Credentials& now = self.creds();
  const bool same = now.fsuid == now.uid && now.fsgid == now.gid &&
                    (now.uid == fs::kRootUid ? now.effective == now.permitted : now.effective.empty());
  if (flags.has(AT_EACCESS) || same) return check_access(context_of(self), base, text.view(), mode, flags);
  const auto real = TRY(real_credentials(self));
  return check_access({self.fs_context(), *real}, base, text.view(), mode, flags);
}

}  // namespace

Result<void> access(Task& self, UserCStr path, unsigned mode) {
  return access_at(self, Fd{AT_FDCWD}, path, mode, Flags{});
}
Result<void> faccessat(Task& self, Fd directory, UserCStr path, unsigned mode) {
  return access_at(self, directory, path, mode, Flags{});
}
Result<void> faccessat2(Task& self, Fd directory, UserCStr path, unsigned mode, Flags flags) {
  if (!flags.only(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return err(Errno::inval);
  return access_at(self, directory, path, mode, flags);
}

Result<void> chmod(Task& self, UserCStr path, FileMode mode) { return fchmodat(self, Fd{AT_FDCWD}, path, mode); }
Result<void> fchmodat(Task& self, Fd directory, UserCStr path, FileMode mode) {
  const fs::PathRef found = TRY(find_file(self, directory, path, kFollow));
  TRY(fs::change_mode(&found.mount(), found.inode(), self.creds(), mode.bits));
  fs::notify_file(found.dentry(), IN_ATTRIB);
  return {};
}
Result<void> fchmod(Task& self, Fd fd, FileMode mode) {
  const auto file = TRY(self.fds().get(fd.number));
  TRY(fs::change_mode(file->mount(), file->inode(), self.creds(), mode.bits));
  fs::notify_file(file->dentry(), IN_ATTRIB);
  return {};
}

namespace {

Result<void> chown_at(Task& self, Fd directory, UserCStr path, std::uint32_t uid, std::uint32_t gid,
                      fs::WalkPolicy policy) {
  const fs::PathRef found = TRY(find_file(self, directory, path, policy));
  TRY(fs::change_owner(&found.mount(), found.inode(), self.creds(), uid, gid));
  fs::notify_file(found.dentry(), IN_ATTRIB);
  return {};
}

}  // namespace

Result<void> chown(Task& self, UserCStr path, std::uint32_t uid, std::uint32_t gid) {
  return chown_at(self, Fd{AT_FDCWD}, path, uid, gid, kFollow);
}
Result<void> lchown(Task& self, UserCStr path, std::uint32_t uid, std::uint32_t gid) {
  return chown_at(self, Fd{AT_FDCWD}, path, uid, gid, kKeep);
}
Result<void> fchownat(Task& self, Fd directory, UserCStr path, std::uint32_t uid, std::uint32_t gid, Flags flags) {
  if (!flags.only(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return err(Errno::inval);
  return chown_at(self, directory, path, uid, gid, policy_of(flags));
}
Result<void> fchown(Task& self, Fd fd, std::uint32_t uid, std::uint32_t gid) {
  const auto file = TRY(self.fds().get(fd.number));
  TRY(fs::change_owner(file->mount(), file->inode(), self.creds(), uid, gid));
  fs::notify_file(file->dentry(), IN_ATTRIB);
  return {};
}

}  // namespace k::sys
