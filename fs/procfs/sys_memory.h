/// Settings of memory below /proc/sys: vm/ and the limits of shared memory segments in kernel/.
/// Context     task context.
/// Errors      INVAL: no number, or out of range.
/// Source      proc(5).
#pragma once

#include "fs/procfs/entry.h"

namespace k::fs::proc {

Result<void> show_segment_bytes(const Subject&, TextBuffer& out);
Result<void> store_segment_bytes(const Subject&, std::string_view text);
Result<void> show_segment_pages(const Subject&, TextBuffer& out);
Result<void> store_segment_pages(const Subject&, std::string_view text);
Result<void> show_segment_count(const Subject&, TextBuffer& out);
Result<void> store_segment_count(const Subject&, std::string_view text);

}  // namespace k::fs::proc
