/// The line that describes a mapping in /proc/PID/maps and smaps.
/// Source: proc_pid_maps(5).
#pragma once

#include "fs/procfs/entry.h"
#include "mm/vm/address_space.h"

namespace k::fs::proc {

void put_area(TextBuffer& out, const mm::Area& area, const mm::Layout& layout);
/// Ends the line with a name, in its column; `start` is the line's first byte.
void put_area_name(TextBuffer& out, std::size_t start, std::string_view name);

}  // namespace k::fs::proc
