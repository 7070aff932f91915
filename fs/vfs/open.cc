#include "fs/vfs/open.h"

#include <linux/mount.h>
#include <linux/openat2.h>

#include "fs/vfs/char_device.h"
#include "fs/vfs/create.h"
#include "fs/vfs/directory_file.h"
#include "fs/vfs/lease.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "fs/vfs/path_file.h"
#include "fs/vfs/regular_file.h"

namespace k::fs {
namespace {

constexpr unsigned kTmpFile = O_TMPFILE & ~O_DIRECTORY;

AccessSet access_of(lib::Flags flags) {
  constexpr AccessSet kRead{Access::read}, kWrite{Access::write};
  constexpr AccessSet kAccess[] = {kRead, kWrite, kRead | kWrite, kRead | kWrite};
  AccessSet access = kAccess[flags.bits() & O_ACCMODE];
  return flags.has(O_TRUNC) ? access | Access::write : access;
}

/// What must hold for opening an existing file. Source: open(2), ERRORS.
Result<void> may_open(const PathRef& path, lib::Flags flags, const Credentials& who) {
  const Inode& inode = path.inode();
  const AccessSet access = access_of(flags);
  switch (inode.type()) {
    case FileType::symlink:
      return err(Errno::loop);
    case FileType::directory:
      if (access.has(Access::write)) return err(Errno::isdir);
      break;
    case FileType::character:
    case FileType::block:
      if (path.mount().has(MS_NODEV)) return err(Errno::acces);
      break;
    default:
      break;
  }
  TRY(may_access(path.mount(), inode, who, access));
  if (flags.has(O_NOATIME) && !is_owner_or_capable(inode, who)) return err(Errno::perm);
  return {};
}

/// A reader or writer of a regular file that the open file description takes over.
class OpenerHeld {
 public:
  static Result<OpenerHeld> begin(Inode& inode, lib::Flags flags) {
    const unsigned mode = flags.bits() & O_ACCMODE;
    if (inode.regular() == nullptr || mode == O_ACCMODE) return OpenerHeld{nullptr, Use::read};
    if (mode != O_RDONLY) {
      TRY(inode.begin_writing());
      return OpenerHeld{&inode, Use::write};
    }
    inode.begin_reading();
    return OpenerHeld{&inode, Use::read};
  }
  OpenerHeld(OpenerHeld&& o) noexcept : inode_(std::exchange(o.inode_, nullptr)), use_(o.use_) {}
  OpenerHeld& operator=(OpenerHeld&&) = delete;
  ~OpenerHeld() {
    if (inode_ == nullptr) return;
    if (use_ == Use::write) {
      inode_->end_writing();
    } else {
      inode_->end_reading();
    }
  }
  void hand_over() { inode_ = nullptr; }

 private:
  using Use = FileLeases::Use;
  OpenerHeld(Inode* inode, Use use) : inode_(inode), use_(use) {}
  Inode* inode_;
  Use use_;
};

/// Source: open(2), EWOULDBLOCK.
Result<void> break_leases_for(const Inode& inode, lib::Flags flags) {
  const bool writes = (flags.bits() & O_ACCMODE) != O_RDONLY;
  return break_leases(inode, writes ? FileLeases::Use::write : FileLeases::Use::read,
                      flags.has(O_NONBLOCK) ? FileLeases::Wait::no : FileLeases::Wait::yes);
}

bool supports_direct_io(const Inode& inode) {
  const RegularNode* const node = inode.regular();
  return node != nullptr && node->supports_direct_io();
}

Result<Ref<File>> open_inode(const OpenRequest& request, bool created) {
  Inode& inode = request.path.inode();
  if (request.flags.has(O_DIRECT) && !supports_direct_io(inode)) return err(Errno::inval);
  auto opener = TRY(OpenerHeld::begin(inode, request.flags));
  TRY(break_leases_for(inode, request.flags));
  if (request.flags.has(O_TRUNC) && !created && inode.is(FileType::regular)) {
    TRY(truncate(inode, request.credentials, 0, INT64_MAX));
    notify_file(request.path.dentry(), IN_MODIFY);
  }
  auto file = TRY(inode.open(request));
  opener.hand_over();
  notify_file(request.path.dentry(), IN_OPEN);
  return file;
}

Result<Ref<File>> open_found(const LookupContext& context, const PathRef& path, lib::Flags flags) {
  if (flags.has(O_DIRECTORY) && !path.inode().is(FileType::directory)) return err(Errno::notdir);
  if (flags.has(O_PATH)) return PathFile::create(path, flags);
  TRY(may_open(path, flags, context.credentials));
  return open_inode(OpenRequest{path, flags, context.credentials}, false);
}

Result<Ref<File>> open_existing(const LookupContext& context, WalkBase base, std::string_view path, const OpenHow& how,
                                WalkPolicy policy) {
  const PathRef found = TRY(lookup(context, base, path, policy));
  return open_found(context, found, how.flags);
}

Result<Ref<File>> open_creating(const LookupContext& context, WalkBase base, std::string_view path, const OpenHow& how,
                                WalkPolicy policy) {
  auto reserved = TRY(RegularFileMemory::take());
  auto target = TRY(find_or_create(context, base, path, how, policy));
  if (!target.created) {
    if (target.path.inode().is(FileType::directory)) return err(Errno::isdir);
    return open_found(context, target.path, how.flags);
  }
  return open_inode(OpenRequest{target.path, how.flags, context.credentials, &reserved}, true);
}

Result<Ref<File>> open_unnamed(const LookupContext& context, WalkBase base, std::string_view path, const OpenHow& how,
                               WalkPolicy policy) {
  const PathRef directory = TRY(lookup(context, base, path, policy));
  const PathRef unnamed = TRY(create_unnamed(context, directory, how));
  return open_inode(OpenRequest{unnamed, how.flags, context.credentials}, true);
}

}  // namespace

/// Source: open(2), ERRORS, EINVAL; the kernel's build_open_flags rules as the manual page states them.
Result<void> check_open_flags(lib::Flags flags) {
  if (!flags.has(O_PATH) && flags.any(kTmpFile)) {
    if (!flags.has(O_DIRECTORY) || flags.has(O_CREAT)) return err(Errno::inval);
    if ((flags.bits() & O_ACCMODE) == O_RDONLY) return err(Errno::inval);
  } else if (!flags.has(O_PATH) && flags.has(O_DIRECTORY) && flags.has(O_CREAT)) {
    return err(Errno::inval);
  }
  return {};
}

Result<Ref<File>> Inode::open(const OpenRequest& request) {
  switch (type()) {
    case FileType::regular:
      return RegularFile::create(request.path, request.flags, request.reserved);
    case FileType::directory:
      return DirectoryFile::create(request.path, request.flags);
    case FileType::character:
      return open_char_device(request);
    case FileType::symlink:
      return err(Errno::loop);
    default:
      return open_special(request);
  }
}

Result<Ref<File>> open(const LookupContext& context, WalkBase base, std::string_view path, OpenHow how) {
  if (how.flags.has(O_PATH)) how.flags = lib::Flags{how.flags.bits() & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  const bool keep = how.flags.has(O_NOFOLLOW) || (how.flags.has(O_CREAT) && how.flags.has(O_EXCL));
  const WalkPolicy policy{.last_symlink = keep ? LastSymlink::keep : LastSymlink::follow, .resolve = how.resolve};
  if (how.flags.any(kTmpFile)) return open_unnamed(context, base, path, how, policy);
  if (how.flags.has(O_CREAT)) return open_creating(context, base, path, how, policy);
  return open_existing(context, base, path, how, policy);
}

Result<Ref<File>> open_program(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy) {
  const PathRef found = TRY(lookup(context, base, path, policy));
  if (found.inode().is(FileType::symlink)) return err(Errno::loop);
  if (!found.inode().is(FileType::regular)) return err(Errno::acces);
  TRY(may_access(found.mount(), found.inode(), context.credentials, Access::execute));
  const Credentials& who = context.credentials;
  return open_inode(OpenRequest{found, lib::Flags{O_RDONLY}, who}, false);
}

Result<Ref<File>> open_place(const LookupContext& context, const PathRef& path, lib::Flags flags) {
  return open_found(context, path, flags);
}

}  // namespace k::fs
