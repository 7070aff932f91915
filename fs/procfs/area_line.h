/// The lines that describe mappings in /proc/PID/maps and smaps.
/// Source: proc_pid_maps(5).
#pragma once

#include "fs/procfs/entry.h"
#include "mm/vm/address_space.h"

namespace k::fs::proc {

/// "[heap]" and its like, of an area that is known by its place; else empty.
std::string_view special_name(const mm::Area& area, const mm::Layout& layout);
/// What stands below an area's line.
using AreaDetails = void (*)(TextBuffer& out, const mm::AddressSpace& space, const mm::Area& area);
/// The line of each of the subject's areas, with its details. ACCES: the caller may not look.
Result<void> put_areas(const Subject& subject, TextBuffer& out, AreaDetails details);
/// Ends the line with a name, in its column; `start` is the line's first byte.
void put_area_name(TextBuffer& out, std::size_t start, std::string_view name);

}  // namespace k::fs::proc
