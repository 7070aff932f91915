#include "fs/vfs/object_count.h"

#include <linux/capability.h>

#include <algorithm>

#include "mm/phys/page_alloc.h"

namespace k::fs {
namespace detail {

HT_PER_CPU(LocalObjects, g_local_objects);
constinit std::array<std::atomic<std::int64_t>, kObjectKinds> g_object_totals{};
constinit std::atomic<std::uint64_t> g_most_files{0};

void fold_objects(std::atomic<std::int32_t>& local, std::size_t kind) {
  g_object_totals[kind].fetch_add(local.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
}

Result<void> check_room_exactly(const Credentials& who) {
  const std::uint64_t most = g_most_files.load(std::memory_order_relaxed);
  if (count_objects(ObjectKind::file) < most || who.has(CAP_SYS_ADMIN)) return {};
  return err(Errno::nfile);
}

}  // namespace detail

std::uint64_t count_objects(ObjectKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  std::int64_t sum = detail::g_object_totals[i].load(std::memory_order_relaxed);
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu)
    sum += on_cpu(detail::g_local_objects, cpu).changes[i].load(std::memory_order_relaxed);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

/// A tenth of the memory, at a KiB for each.
void scale_most_files_to_memory() {
  constexpr std::uint64_t kLeast = 8192;
  most_files() = std::max<std::uint64_t>(mm::memory_counters().free_frames * (kPageSize / 1024) / 10, kLeast);
}

}  // namespace k::fs
