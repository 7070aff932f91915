// Extended attributes, xattr(7), of file systems that keep none: what is wrong with a call is told first, as on Linux.
#include <linux/limits.h>
#include <linux/xattr.h>

#include <algorithm>

#include "fs/vfs/mount.h"
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
Result<void> check_open(const Task& self, Fd fd) {
  TRY(self.fds().get(fd.number));
  return {};
}

/// ERANGE for a name that is empty or too long.
Result<void> check_name(UserCStr name) {
  std::array<char, XATTR_NAME_MAX + 1> text;
  const auto length = name.read(text);
  if (!length) return err(length.error() == Errno::nametoolong ? Errno::range : length.error());
  if (*length == 0) return err(Errno::range);
  return {};
}

Result<void> check_value(XattrValue value, std::size_t size) {
  if (size > XATTR_SIZE_MAX) return err(Errno::toobig);
  std::array<std::byte, 256> piece;
  for (std::size_t done = 0; done < size; done += piece.size())
    TRY((value + done).read_all(std::span{piece}.first(std::min(piece.size(), size - done))));
  return {};
}

Result<void> check_setting(UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  if (!flags.only(XATTR_CREATE | XATTR_REPLACE)) return err(Errno::inval);
  TRY(check_name(name));
  TRY(check_value(value, size));
  return err(Errno::opnotsupp);
}

Result<void> check_writable(const fs::PathRef& found) {
  return found.mount().is_read_only() ? err(Errno::rofs) : Result<void>{};
}

Result<void> check_removing(UserCStr name) {
  TRY(check_name(name));
  return err(Errno::opnotsupp);
}

Result<std::size_t> check_getting(UserCStr name) {
  TRY(check_name(name));
  return err(Errno::opnotsupp);
}

}  // namespace

Result<void> setxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  TRY(check_writable(TRY(at(self, path, kFollow))));
  return check_setting(name, value, size, flags);
}
Result<void> lsetxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  TRY(check_writable(TRY(at(self, path, kKeep))));
  return check_setting(name, value, size, flags);
}
Result<void> fsetxattr(Task& self, Fd fd, UserCStr name, XattrValue value, std::size_t size, Flags flags) {
  TRY(check_open(self, fd));
  return check_setting(name, value, size, flags);
}

Result<std::size_t> getxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte>, std::size_t) {
  TRY(at(self, path, kFollow));
  return check_getting(name);
}
Result<std::size_t> lgetxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte>, std::size_t) {
  TRY(at(self, path, kKeep));
  return check_getting(name);
}
Result<std::size_t> fgetxattr(Task& self, Fd fd, UserCStr name, UserOut<std::byte>, std::size_t) {
  TRY(check_open(self, fd));
  return check_getting(name);
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
  TRY(check_open(self, fd));
  return 0;
}

Result<void> removexattr(Task& self, UserCStr path, UserCStr name) {
  TRY(check_writable(TRY(at(self, path, kFollow))));
  return check_removing(name);
}
Result<void> lremovexattr(Task& self, UserCStr path, UserCStr name) {
  TRY(check_writable(TRY(at(self, path, kKeep))));
  return check_removing(name);
}
Result<void> fremovexattr(Task& self, Fd fd, UserCStr name) {
  TRY(check_open(self, fd));
  return check_removing(name);
}

}  // namespace k::sys
