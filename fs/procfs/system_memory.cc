#include "fs/procfs/system.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/commit.h"
#include "mm/vm/huge.h"

namespace k::fs::proc {
namespace {

constexpr std::size_t kKiBPerFrame = kPageSize / 1024;

void put(TextBuffer& out, std::string_view name, std::size_t frames, std::string_view unit = " kB") {
  out.print("{:<16}{:8}{}\n", name, frames * kKiBPerFrame, unit);
}

}  // namespace

Result<void> show_memory(const Subject&, TextBuffer& out) {
  const mm::MemoryCounters m = mm::memory_counters();
  put(out, "MemTotal:", m.total_frames);
  put(out, "MemFree:", m.free_frames);
  // Pages of tmpfs files have no other place to be, so the page cache cannot be given back.
  put(out, "MemAvailable:", m.free_frames);
  put(out, "Buffers:", 0);
  put(out, "Cached:", m.cache_frames);
  put(out, "SwapCached:", 0);
  put(out, "Active:", m.anonymous_frames);
  put(out, "Inactive:", m.cache_frames);
  put(out, "SwapTotal:", 0);
  put(out, "SwapFree:", 0);
  put(out, "Dirty:", 0);
  put(out, "Writeback:", 0);
  put(out, "AnonPages:", m.anonymous_frames);
  put(out, "Shmem:", m.cache_frames);
  put(out, "Slab:", m.slab_frames);
  put(out, "SReclaimable:", 0);
  put(out, "SUnreclaim:", m.slab_frames);
  put(out, "KernelStack:", m.stack_frames);
  put(out, "PageTables:", m.page_table_frames);
  put(out, "CommitLimit:", mm::commit_limit_pages());
  put(out, "Committed_AS:", mm::committed_pages());
  put(out, "AnonHugePages:", mm::huge_frames());
  put(out, "ShmemHugePages:", 0);
  put(out, "HugePages_Total:", 0, "");
  put(out, "HugePages_Free:", 0, "");
  put(out, "HugePages_Rsvd:", 0, "");
  put(out, "HugePages_Surp:", 0, "");
  put(out, "Hugepagesize:", mm::kHugeFrames);
  return {};
}

Result<void> show_vm_statistics(const Subject&, TextBuffer& out) {
  const mm::MemoryCounters m = mm::memory_counters();
  out.print("nr_free_pages {}\nnr_anon_pages {}\nnr_file_pages {}\n", m.free_frames, m.anonymous_frames,
            m.cache_frames);
  out.print("nr_slab_unreclaimable {}\nnr_page_table_pages {}\n", m.slab_frames, m.page_table_frames);
  return {};
}

}  // namespace k::fs::proc
