#include "fs/devpts/inodes.h"
#include "kernel/lib/format.h"

namespace k::fs {
namespace {

/// Positions: "." and ".." are 0 and 1, ptmx is 2, slave N is N + 3.
constexpr std::uint64_t kPtmxPosition = 2, kFirstSlavePosition = 3;

}  // namespace

DevptsDirectory::DevptsDirectory(Devpts& instance, std::uint32_t permissions)
    : Inode(instance, kDevptsRoot, S_IFDIR | permissions, {}) {
  set_node(static_cast<DirectoryNode&>(*this));
  set_links(2);
}

/// That a name is not there is remembered, too: DevptsEntry::publish() corrects it.
Result<LookupResult> DevptsDirectory::lookup(std::string_view name) { return LookupResult{instance().find(name)}; }

Result<void> DevptsDirectory::read(Dentry&, std::uint64_t position, DirectorySink& sink) {
  if (position <= kPtmxPosition) {
    if (!sink.add("ptmx", kDevptsPtmx, FileType::character, kFirstSlavePosition)) return {};
    position = kFirstSlavePosition;
  }
  for (auto n = instance().next(position - kFirstSlavePosition); n; n = instance().next(*n + 1)) {
    char name[16];
    const std::size_t length = lib::format_to(name, "{}", *n);
    if (!sink.add({name, length}, *n + kDevptsFirstSlave, FileType::character, *n + kFirstSlavePosition + 1)) return {};
  }
  return {};
}

}  // namespace k::fs
