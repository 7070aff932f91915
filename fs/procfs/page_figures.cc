#include "fs/procfs/page_figures.h"

namespace k::fs::proc {

void PageFigures::add(const mm::AddressSpace& space, const mm::Area& area) {
  const bool locked = area.has(mm::AreaFlag::locked);
  space.for_each_page(area.start, area.end, [&](const mm::PageView& page) {
    if (!page.is_zero_page) add(page, locked);
  });
}

void PageFigures::add(const mm::PageView& page, bool locked) {
  resident += kPageSize;
  if (page.referenced) referenced += kPageSize;
  if (page.is_anonymous()) anonymous += kPageSize;
  if (page.is_huge) huge += kPageSize;
  const std::uint64_t part = (kPageSize << kShareShift) / page.mappings;
  share += part;
  if (locked) locked_share += part;
  (page.is_anonymous() ? anonymous_share : page.is_file_page() ? memory_file_share : file_share) += part;
  // Files have no other home than memory, so that their pages are never clean; the vDSO's are.
  const bool dirty = page.is_anonymous() || page.is_file_page(), alone = page.mappings == 1;
  if (dirty) dirty_share += part;
  (dirty ? (alone ? private_dirty : shared_dirty) : (alone ? private_clean : shared_clean)) += kPageSize;
}

void put_size(TextBuffer& out, std::string_view name, std::uint64_t bytes) {
  constexpr std::size_t kColumn = 16;
  out.put(name);
  out.put(':');
  for (std::size_t i = name.size() + 1; i < kColumn; ++i) out.put(' ');
  out.print("{:8} kB\n", bytes / 1024);
}

void put_figures(TextBuffer& out, const PageFigures& figures, ShareDetail detail) {
  const auto share = [](std::uint64_t scaled) { return scaled >> PageFigures::kShareShift; };
  put_size(out, "Rss", figures.resident);
  put_size(out, "Pss", share(figures.share));
  put_size(out, "Pss_Dirty", share(figures.dirty_share));
  if (detail == ShareDetail::split) {
    put_size(out, "Pss_Anon", share(figures.anonymous_share));
    put_size(out, "Pss_File", share(figures.file_share));
    put_size(out, "Pss_Shmem", share(figures.memory_file_share));
  }
  put_size(out, "Shared_Clean", figures.shared_clean);
  put_size(out, "Shared_Dirty", figures.shared_dirty);
  put_size(out, "Private_Clean", figures.private_clean);
  put_size(out, "Private_Dirty", figures.private_dirty);
  put_size(out, "Referenced", figures.referenced);
  put_size(out, "Anonymous", figures.anonymous);
  // MADV_FREE takes pages at once, no file has huge pages, and there is no swap.
  put_size(out, "LazyFree", 0);
  put_size(out, "AnonHugePages", figures.huge);
  for (const std::string_view none :
       {"ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss"})
    put_size(out, none, 0);
  put_size(out, "Locked", share(figures.locked_share));
}

}  // namespace k::fs::proc
