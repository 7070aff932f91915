// /sys/kernel.
#include "fs/sysfs/tables.h"

namespace k::fs::sysfs {
namespace {

constexpr proc::DirectoryTable kMemory{};
constexpr Entry kEntries[] = {folder("mm", kMemory)};

}  // namespace

constexpr proc::DirectoryTable kKernelDirectory{kEntries};

}  // namespace k::fs::sysfs
