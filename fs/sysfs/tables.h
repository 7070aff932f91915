/// The tables below the top of /sys. Internal to fs/sysfs.
/// Source: Linux Documentation/ABI/stable/sysfs-devices-system-cpu, sysfs-devices-node; admin-guide/cputopology.
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::sysfs {

using lib::TextBuffer;
using proc::Entry;
using proc::Subject;

constexpr Entry attribute(std::string_view name, proc::Show show) {
  return {.name = name, .mode = S_IFREG | 0444, .show = show, .is_attribute = true};
}
constexpr Entry writable_attribute(std::string_view name, proc::Show show, proc::Store store) {
  return {.name = name, .mode = S_IFREG | 0644, .show = show, .store = store, .is_attribute = true};
}
constexpr Entry folder(std::string_view name, const proc::DirectoryTable& table) {
  return proc::directory(name, table, 0755);
}

extern const proc::DirectoryTable kCpuDirectory, kNodeDirectory, kKernelDirectory, kHugePagesDirectory;

}  // namespace k::fs::sysfs
