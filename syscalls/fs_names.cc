// mkdir, rmdir, mknod, link, symlink, unlink, rename, readlink and their *at forms.
#include "fs/vfs/operations.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

/// One path argument, read and given its starting directory.
struct PathAt {
  PathArg text;
  BaseArg holder;
  fs::WalkBase base = fs::WalkBase::cwd();

  Result<void> read(const Task& self, Fd directory, UserCStr path, fs::EmptyPath empty = fs::EmptyPath::refuse) {
    TRY(text.read(path, empty));
    return find_base(self, directory);
  }
  Result<void> find_base(const Task& self, Fd directory) {
    base = TRY(holder.resolve(self, directory, text.view()));
    return {};
  }
  std::string_view view() const { return text.view(); }
};

}  // namespace

Result<void> mkdirat(Task& self, Fd directory, UserCStr path, FileMode mode) {
  PathAt at;
  TRY(at.read(self, directory, path));
  return fs::make_directory(context_of(self), at.base, at.view(), mode.bits);
}
Result<void> mkdir(Task& self, UserCStr path, FileMode mode) { return mkdirat(self, Fd{AT_FDCWD}, path, mode); }

Result<void> mknodat(Task& self, Fd directory, UserCStr path, FileMode mode, unsigned device) {
  TRY(fs::check_new_type(mode.bits));
  PathAt at;
  TRY(at.read(self, directory, path));
  return fs::make_node(context_of(self), at.base, at.view(), mode.bits, fs::DeviceNumber::decode(device));
}
Result<void> mknod(Task& self, UserCStr path, FileMode mode, unsigned device) {
  return mknodat(self, Fd{AT_FDCWD}, path, mode, device);
}

Result<void> symlinkat(Task& self, UserCStr target, Fd directory, UserCStr path) {
  PathArg text;
  TRY(text.read(target));
  PathAt at;
  TRY(at.read(self, directory, path));
  return fs::make_symlink(context_of(self), text.view(), at.base, at.view());
}
Result<void> symlink(Task& self, UserCStr target, UserCStr path) { return symlinkat(self, target, Fd{AT_FDCWD}, path); }

Result<void> linkat(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to, Flags flags) {
  if (!flags.only(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return err(Errno::inval);
  if (flags.has(AT_EMPTY_PATH) && !self.creds().has(CAP_DAC_READ_SEARCH)) return err(Errno::noent);
  fs::WalkPolicy policy = policy_of(flags);
  policy.last_symlink = flags.has(AT_SYMLINK_FOLLOW) ? fs::LastSymlink::follow : fs::LastSymlink::keep;
  const fs::PathRef source = TRY(find_file(self, from_directory, from, policy));
  PathAt target;
  TRY(target.read(self, to_directory, to));
  return fs::link(context_of(self), source, target.base, target.view());
}
Result<void> link(Task& self, UserCStr from, UserCStr to) {
  return linkat(self, Fd{AT_FDCWD}, from, Fd{AT_FDCWD}, to, Flags{});
}

Result<void> unlinkat(Task& self, Fd directory, UserCStr path, Flags flags) {
  if (!flags.only(AT_REMOVEDIR)) return err(Errno::inval);
  PathAt at;
  TRY(at.read(self, directory, path));
  const auto remove = flags.has(AT_REMOVEDIR) ? &fs::remove_directory : &fs::unlink;
  return remove(context_of(self), at.base, at.view());
}
Result<void> unlink(Task& self, UserCStr path) { return unlinkat(self, Fd{AT_FDCWD}, path, Flags{}); }
Result<void> rmdir(Task& self, UserCStr path) { return unlinkat(self, Fd{AT_FDCWD}, path, Flags{AT_REMOVEDIR}); }

Result<void> renameat2(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to, Flags flags) {
  TRY(fs::check_rename_flags(flags));
  PathAt source, target;
  TRY(source.read(self, from_directory, from));
  const fs::ParentPath old_place = TRY(fs::lookup_parent(context_of(self), source.base, source.view()));
  TRY(target.read(self, to_directory, to));
  const fs::ParentPath new_place = TRY(fs::lookup_parent(context_of(self), target.base, target.view()));
  return fs::rename(context_of(self), old_place, new_place, flags);
}
Result<void> renameat(Task& self, Fd from_directory, UserCStr from, Fd to_directory, UserCStr to) {
  return renameat2(self, from_directory, from, to_directory, to, Flags{});
}
Result<void> rename(Task& self, UserCStr from, UserCStr to) {
  return renameat2(self, Fd{AT_FDCWD}, from, Fd{AT_FDCWD}, to, Flags{});
}

/// An empty path means the descriptor itself, opened with O_PATH | O_NOFOLLOW. Source: readlink(2).
Result<std::size_t> readlinkat(Task& self, Fd directory, UserCStr path, UserAddr out, int size) {
  if (size <= 0) return err(Errno::inval);
  PathAt at;
  TRY(at.read(self, directory, path, fs::EmptyPath::base));
  const fs::WalkPolicy policy{.last_symlink = fs::LastSymlink::keep, .empty_path = fs::EmptyPath::base};
  const fs::PathRef found = TRY(fs::lookup(context_of(self), at.base, at.view(), policy));
  if (!found.inode().is(fs::FileType::symlink)) return err(at.view().empty() ? Errno::noent : Errno::inval);
  Box<char[]> text{new (std::nothrow) char[PATH_MAX]};
  if (!text) return err(Errno::nomem);
  const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(size), PATH_MAX);
  const std::size_t length = TRY(fs::read_link(context_of(self), found, {text.get(), wanted}));
  TRY(UserOut<char>{out}.write_all({text.get(), length}));
  return length;
}
Result<std::size_t> readlink(Task& self, UserCStr path, UserAddr out, int size) {
  return readlinkat(self, Fd{AT_FDCWD}, path, out, size);
}

}  // namespace k::sys
