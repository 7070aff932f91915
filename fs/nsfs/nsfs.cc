#include "fs/nsfs/nsfs.h"

#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sched.h>

#include <array>

#include "fs/nsfs/file.h"
#include "kernel/lib/format.h"

namespace k::fs {
namespace {

struct KindRow {
  std::string_view name;
  int clone_flag;
};
constexpr std::array<KindRow, kNamespaceKinds> kKinds{{
    {"time", CLONE_NEWTIME},
    {"cgroup", CLONE_NEWCGROUP},
    {"pid", CLONE_NEWPID},
    {"user", CLONE_NEWUSER},
    {"uts", CLONE_NEWUTS},
    {"ipc", CLONE_NEWIPC},
    {"net", CLONE_NEWNET},
    {"mnt", CLONE_NEWNS},
}};
constexpr std::uint64_t kFirstNumber = 0xefff'fffa;

const KindRow& row(NamespaceKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::uint64_t number_of(NamespaceKind kind) { return kFirstNumber + static_cast<std::uint64_t>(kind); }

class NamespaceFs final : public Superblock {
 public:
  explicit NamespaceFs(const FilesystemType& type) : Superblock(type, NSFS_MAGIC, Entries::in_dentry_cache) {}
};

class NamespaceInode final : public Inode, public mm::SlabAllocated<NamespaceInode> {
 public:
  NamespaceInode(Superblock& superblock, NamespaceKind kind)
      : Inode(superblock, number_of(kind), S_IFREG | S_IRUSR | S_IRGRP | S_IROTH, {}), kind_(kind) {}
  Result<void> change_attributes(const AttributeChange&) override { return err(Errno::perm); }
  Result<Ref<File>> open(const OpenRequest& request) override {
    if (request.flags.any(O_WRONLY | O_RDWR)) return err(Errno::perm);
    auto* file = new (std::nothrow) NamespaceFile(request.path, request.flags, kind_);
    if (file == nullptr) return err(Errno::nomem);
    return Ref<File>::adopt(*file);
  }

 private:
  NamespaceKind kind_;
};

Result<Ref<Superblock>> no_mount(const FilesystemType&, const MountRequest&) { return err(Errno::inval); }

constinit FilesystemType g_type{"nsfs", &no_mount};
constinit std::array<Mount*, kNamespaceKinds> g_mounts{};  // the kernel's own, for good

}  // namespace

Result<void> init_nsfs() {
  const Ref<Superblock> superblock = TRY(make_ref<NamespaceFs>(g_type));
  for (std::size_t i = 0; i < kNamespaceKinds; ++i) {
    auto* inode = new (std::nothrow) NamespaceInode(*superblock, static_cast<NamespaceKind>(i));
    if (inode == nullptr) return err(Errno::nomem);
    auto root = TRY(Dentry::create_root(*superblock, Ref<Inode>::adopt(*inode)));
    g_mounts[i] = TRY(Mount::create(Ref<Superblock>{superblock}, std::move(root), "nsfs", 0)).leak();
  }
  return {};
}

PathRef namespace_place(NamespaceKind kind) {
  Mount* const mount = g_mounts[static_cast<std::size_t>(kind)];
  return PathRef::share({mount, &mount->root()});
}

std::size_t describe_namespace(NamespaceKind kind, std::span<char> out) {
  return lib::format_to(out, "{}:[{}]", row(kind).name, number_of(kind));
}

/// There are the first namespaces only: nothing is above them, and root owns the user namespace.
Result<long> NamespaceFile::ioctl(unsigned command, IoctlArg argument) {
  switch (command) {
    case NS_GET_NSTYPE:
      return row(kind_).clone_flag;
    case NS_GET_PARENT:
      return err(kind_ == NamespaceKind::user || kind_ == NamespaceKind::pid ? Errno::perm : Errno::inval);
    case NS_GET_OWNER_UID:
      if (kind_ != NamespaceKind::user) return err(Errno::inval);
      TRY(argument.write(Uid{0}));
      return 0;
    default:
      return err(Errno::notty);
  }
}

/// NS_GET_USERNS: the user namespace that owns this one.
Result<Ref<File>> NamespaceFile::open_related(unsigned command, lib::Flags flags) {
  if (command != NS_GET_USERNS) return err(Errno::notty);
  if (kind_ == NamespaceKind::user) return err(Errno::perm);
  auto* file = new (std::nothrow) NamespaceFile(namespace_place(NamespaceKind::user), flags, NamespaceKind::user);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<File>::adopt(*file);
}

}  // namespace k::fs
