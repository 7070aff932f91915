// Extended attributes, xattr(7), of file systems that keep none: what is wrong with a call is told first, as on Linux.
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/xattr.h>

#include <algorithm>

#include "fs/vfs/mount.h"
#include "fs/vfs/permission.h"
#include "kernel/task/task.h"
#include "syscalls/calls_xattr.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr fs::WalkPolicy kFollow{};
constexpr fs::WalkPolicy kKeep{.last_symlink = fs::LastSymlink::keep};

Result<fs::PathRef> at(const Task& self, UserCStr path, fs::WalkPolicy policy) {
  return find_file(self, Fd{AT_FDCWD}, path, policy);
}

/// An attribute's name from user memory. ERANGE when it is empty or too long.
class NameArg {
 public:
  Result<void> read(UserCStr name) {
    const auto length = name.read(text_);
    if (!length) return err(length.error() == Errno::nametoolong ? Errno::range : length.error());
    if (*length == 0) return err(Errno::range);
    view_ = {text_.data(), *length};
    return {};
  }
  bool is_in(std::string_view prefix) const { return view_.starts_with(prefix); }

 private:
  std::array<char, XATTR_NAME_MAX + 1> text_;
  std::string_view view_;
};

enum class Intent : bool { look, change };

/// Source: xattr(7), "Extended user attributes", "Trusted extended attributes".
Result<void> check_rights(const fs::Inode& inode, const fs::Credentials& who, const NameArg& name, Intent intent) {
  const bool changes = intent == Intent::change;
  const Errno refusal = changes ? Errno::perm : Errno::nodata;
  if (changes && inode.is_immutable()) return err(Errno::perm);
  if (name.is_in("security.") || name.is_in("system.")) return {};
  if (name.is_in("trusted.")) return who.has(CAP_SYS_ADMIN) ? Result<void>{} : err(refusal);
  if (name.is_in("user.")) {
    const bool directory = inode.is(fs::FileType::directory);
    if (!directory && !inode.is(fs::FileType::regular)) return err(refusal);
    const bool sticky = directory && (inode.mode() & S_ISVTX) != 0;
    if (changes && sticky && !fs::is_owner_or_capable(inode, who)) return err(Errno::perm);
  }
  return fs::may_access(inode, who, changes ? fs::Access::write : fs::Access::read);
}

Result<void> check_value(XattrValue value, std::size_t size) {
  if (size > XATTR_SIZE_MAX) return err(Errno::toobig);
  std::array<std::byte, 256> piece;
  for (std::size_t done = 0; done < size; done += piece.size())
    TRY((value + done).read_all(std::span{piece}.first(std::min(piece.size(), size - done))));
  return {};
}

/// What every file answers: it keeps none.
Result<void> set_on(const Task& self, const fs::Inode& inode, UserCStr name, XattrValue value, std::size_t size,
                    Flags flags) {
  if (!flags.only(XATTR_CREATE | XATTR_REPLACE)) return err(Errno::inval);
  NameArg text;
  TRY(text.read(name));
  TRY(check_value(value, size));
  TRY(check_rights(inode, self.creds(), text, Intent::change));
  return err(Errno::opnotsupp);
}

Result<void> remove_from(const Task& self, const fs::Inode& inode, UserCStr name) {
  NameArg text;
  TRY(text.read(name));
  TRY(check_rights(inode, self.creds(), text, Intent::change));
  return err(Errno::opnotsupp);
}

Result<std::size_t> get_from(const Task& self, const fs::Inode& inode, UserCStr name) {
  NameArg text;
  TRY(text.read(name));
  TRY(check_rights(inode, self.creds(), text, Intent::look));
  return err(Errno::opnotsupp);
}

Result<fs::PathRef> writable_at(const Task& self, UserCStr path, fs::WalkPolicy policy) {
  fs::PathRef found = TRY(at(self, path, policy));
  if (found.mount().is_read_only()) return err(Errno::rofs);
  return found;
}

}  // namespace

Result<void> setxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  return set_on(self, TRY(writable_at(self, path, kFollow)).inode(), name, value, size, flags);
}
Result<void> lsetxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  return set_on(self, TRY(writable_at(self, path, kKeep)).inode(), name, value, size, flags);
}
Result<void> fsetxattr(Task& self, Fd fd, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  return set_on(self, TRY(self.fds().get(fd.number))->inode(), name, value, size, flags);
}

Result<std::size_t> getxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte>, std::size_t) {
  return get_from(self, TRY(at(self, path, kFollow)).inode(), name);
}
Result<std::size_t> lgetxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte>, std::size_t) {
  return get_from(self, TRY(at(self, path, kKeep)).inode(), name);
}
Result<std::size_t> fgetxattr(Task& self, Fd fd, UserCStr name, UserOut<std::byte>, std::size_t) {
  return get_from(self, TRY(self.fds().get(fd.number))->inode(), name);
}

Result<std::size_t> listxattr(Task& self, UserCStr path, UserOut<std::byte>, std::size_t) {
  TRY(at(self, path, kFollow));
  return 0;
}
Result<std::size_t> llistxattr(Task& self, UserCStr path, UserOut<std::byte>, std::size_t) {
  TRY(at(self, path, kKeep));
  return 0;
}
Result<std::size_t> flistxattr(Task& self, Fd fd, UserOut<std::byte>, std::size_t) {
  TRY(self.fds().get(fd.number));
  return 0;
}

Result<void> removexattr(Task& self, UserCStr path, UserCStr name) {
  return remove_from(self, TRY(writable_at(self, path, kFollow)).inode(), name);
}
Result<void> lremovexattr(Task& self, UserCStr path, UserCStr name) {
  return remove_from(self, TRY(writable_at(self, path, kKeep)).inode(), name);
}
Result<void> fremovexattr(Task& self, Fd fd, UserCStr name) {
  return remove_from(self, TRY(self.fds().get(fd.number))->inode(), name);
}

}  // namespace k::sys
