/// Tables and files below /proc/sys that have a source of their own.
/// Source      proc_sys_kernel(5), proc_sys_fs(5).
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::proc {

Result<void> show_core_pattern(const Subject&, TextBuffer& out);
Result<void> store_core_pattern(const Subject&, std::string_view text);

extern const DirectoryTable kSysFilesDirectory;

}  // namespace k::fs::proc
