/// What smaps says of the pages of one or several mappings.
///
/// Source: proc_pid_smaps(5); Linux's filesystems/proc.rst.
#pragma once

#include "fs/procfs/entry.h"
#include "mm/vm/address_space.h"

namespace k::fs::proc {

/// Bytes. A page that several processes show counts in the proportional figures with its part, in bytes << kShareShift.
struct PageFigures {
  static constexpr unsigned kShareShift = 12;

  std::uint64_t resident = 0, referenced = 0, anonymous = 0, huge = 0;
  std::uint64_t shared_clean = 0, shared_dirty = 0, private_clean = 0, private_dirty = 0;
  std::uint64_t share = 0, dirty_share = 0, anonymous_share = 0, file_share = 0, memory_file_share = 0,
                locked_share = 0;

  /// Adds an area's pages; inside the visit of AddressSpace::for_each_area.
  void add(const mm::AddressSpace& space, const mm::Area& area);

 private:
  void add(const mm::PageView& page, bool locked);
};

/// Which proportional figures are told: smaps_rollup splits them up.
enum class ShareDetail : bool { total, split };
void put_figures(TextBuffer& out, const PageFigures& figures, ShareDetail detail);
/// "Name:      N kB", in smaps's columns.
void put_size(TextBuffer& out, std::string_view name, std::uint64_t bytes);

}  // namespace k::fs::proc
