/// devpts's inodes. Internal to fs/devpts.
/// Source      Linux's filesystems/devpts for the inode numbers.
#pragma once

#include "fs/devpts/instance.h"

namespace k::fs {

inline constexpr std::uint64_t kDevptsRoot = 1, kDevptsPtmx = 2, kDevptsFirstSlave = 3;
inline constexpr DeviceNumber kPtmxDevice{5, 2};  // admin-guide/devices.txt
inline constexpr std::uint32_t kSlaveMajor = 136;

class DevptsDirectory final : public Inode, public DirectoryNode {
 public:
  DevptsDirectory(Devpts& instance, std::uint32_t mode);
  Result<LookupResult> lookup(std::string_view name) override;
  bool is_empty() override { return false; }
  Result<void> read(Dentry& directory, std::uint64_t position, DirectorySink& sink) override;

 private:
  Devpts& instance() const { return static_cast<Devpts&>(superblock()); }
};

/// Opens as any character device: by its number.
class DevptsPtmx final : public Inode {
 public:
  DevptsPtmx(Devpts& instance, std::uint32_t permissions)
      : Inode(instance, kDevptsPtmx, S_IFCHR | permissions, {}, kPtmxDevice) {}
};

class DevptsSlave final : public Inode {
 public:
  DevptsSlave(Devpts& instance, std::uint64_t number, std::uint32_t permissions, InodeOwner owner, DeviceNumber device,
              Ref<PtySlave> slave)
      : Inode(instance, number, S_IFCHR | permissions, owner, device), slave_(std::move(slave)) {}
  Result<Ref<File>> open(const OpenRequest& request) override { return slave_->open(request); }

 private:
  void evict() override { slave_.reset(); }
  RefOrNull<PtySlave> slave_;
};

}  // namespace k::fs
