// /sys/kernel.
#include "fs/sysfs/tables.h"

namespace k::fs::sysfs {
namespace {

constexpr Entry kMemoryEntries[] = {folder("transparent_hugepage", kHugePagesDirectory)};
constexpr proc::DirectoryTable kMemory{kMemoryEntries};
constexpr Entry kEntries[] = {folder("mm", kMemory)};

}  // namespace

constexpr proc::DirectoryTable kKernelDirectory{kEntries};

}  // namespace k::fs::sysfs
