/// The files of /proc that concern the whole system.
/// Source: proc(5), one page per file (proc_meminfo(5) ...).
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::proc {

Result<void> show_command_line(const Subject&, TextBuffer& out);
Result<void> show_cpu_info(const Subject&, TextBuffer& out);
Result<void> show_devices(const Subject&, TextBuffer& out);
Result<void> show_filesystems(const Subject&, TextBuffer& out);
Result<void> show_interrupts(const Subject&, TextBuffer& out);
Result<void> show_load_average(const Subject&, TextBuffer& out);
Result<void> show_memory(const Subject&, TextBuffer& out);
Result<void> show_partitions(const Subject&, TextBuffer& out);
Result<void> show_statistics(const Subject&, TextBuffer& out);
Result<void> show_swaps(const Subject&, TextBuffer& out);
Result<void> show_uptime(const Subject&, TextBuffer& out);
Result<void> show_version(const Subject&, TextBuffer& out);
Result<void> show_vm_statistics(const Subject&, TextBuffer& out);

}  // namespace k::fs::proc
