// The top of /sys.
#include <linux/magic.h>

#include "fs/procfs/inode.h"
#include "fs/sysfs/sysfs.h"
#include "fs/sysfs/tables.h"

namespace k::fs {
namespace sysfs {
namespace {

constexpr proc::DirectoryTable kEmpty{};

constexpr Entry kFileSystemEntries[] = {folder("cgroup", kEmpty)};
constexpr proc::DirectoryTable kFileSystems{kFileSystemEntries};

constexpr Entry kSystemEntries[] = {folder("cpu", kCpuDirectory), folder("node", kNodeDirectory)};
constexpr proc::DirectoryTable kSystem{kSystemEntries};
constexpr Entry kDeviceEntries[] = {folder("system", kSystem)};
constexpr proc::DirectoryTable kDevices{kDeviceEntries};

constexpr Entry kNumberEntries[] = {folder("block", kEmpty), folder("char", kEmpty)};
constexpr proc::DirectoryTable kNumbers{kNumberEntries};

constexpr Entry kRootEntries[] = {
    folder("block", kEmpty),     folder("bus", kEmpty),
    folder("class", kEmpty),     folder("dev", kNumbers),
    folder("devices", kDevices), folder("firmware", kEmpty),
    folder("fs", kFileSystems),  folder("kernel", kKernelDirectory),
    folder("module", kEmpty),    folder("power", kEmpty),
};
constexpr proc::DirectoryTable kRoot{kRootEntries};
constexpr Entry kRootEntry = proc::directory("", kRoot);

class SysSuperblock final : public Superblock {
 public:
  static Result<Ref<Superblock>> mount(const FilesystemType& type, const MountRequest& request) {
    auto* sb = new (std::nothrow) SysSuperblock(type);
    if (sb == nullptr) return err(Errno::nomem);
    auto held = Ref<Superblock>::adopt(*sb);
    TRY(sb->init());
    sb->set_read_only(request.read_only);
    return held;
  }
  ~SysSuperblock() override { drop_entries(); }

 private:
  explicit SysSuperblock(const FilesystemType& type) : Superblock(type, SYSFS_MAGIC, Entries::in_file_system) {}
  Result<void> init() { return set_root(TRY(proc::make_inode(*this, kRootEntry, Subject{}))); }
};

constinit FilesystemType g_type{"sysfs", &SysSuperblock::mount};

}  // namespace
}  // namespace sysfs

Result<void> register_sysfs() {
  FilesystemType::add(sysfs::g_type);
  return {};
}

}  // namespace k::fs
