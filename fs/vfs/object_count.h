/// How many open file descriptions, inodes and dentries there are, and the bound of the first.
///
/// Invariants  a CPU's part of a count means nothing by itself; only the sum does.
/// Context     any; most_files is settable at any time.
/// Errors      check_room_for_file: NFILE.
/// Source      proc_sys_fs(5): file-nr, file-max, inode-nr, dentry-state.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "fs/vfs/credentials.h"
#include "kernel/lib/result.h"

namespace k::fs {

enum class ObjectKind : std::uint8_t { file, inode, dentry };
inline constexpr std::size_t kObjectKinds = 3;

namespace detail {
/// Changes of one CPU that the totals do not hold yet.
struct LocalObjects {
  static constexpr std::int32_t kMost = 32;
  std::array<std::atomic<std::int32_t>, kObjectKinds> changes;
};
HT_PER_CPU_DECLARE(LocalObjects, g_local_objects);
extern std::array<std::atomic<std::int64_t>, kObjectKinds> g_object_totals;
extern std::atomic<std::uint64_t> g_most_files;
[[gnu::cold]] void fold_objects(std::atomic<std::int32_t>& local, std::size_t kind);
[[gnu::cold]] Result<void> check_room_exactly(const Credentials& who);

/// The thread may move to another CPU at any point: every step counts on its own.
inline void add_object(ObjectKind kind, std::int32_t change) {
  const auto i = static_cast<std::size_t>(kind);
  std::atomic<std::int32_t>& local = this_cpu(g_local_objects).changes[i];
  const std::int32_t now = local.fetch_add(change, std::memory_order_relaxed) + change;
  if (now <= -LocalObjects::kMost || now >= LocalObjects::kMost) [[unlikely]]
    fold_objects(local, i);
}
}  // namespace detail

inline void object_made(ObjectKind kind) { detail::add_object(kind, 1); }
inline void object_gone(ObjectKind kind) { detail::add_object(kind, -1); }
std::uint64_t count_objects(ObjectKind kind);

/// file-max; in proportion to the memory at first.
inline std::atomic<std::uint64_t>& most_files() { return detail::g_most_files; }
void scale_most_files_to_memory();
/// May `who` open one more? Asked before a description is made, so that several at once may go a little beyond.
inline Result<void> check_room_for_file(const Credentials& who) {
  constexpr std::int64_t kUnknown = std::int64_t{detail::LocalObjects::kMost} * arch::kMaxCpus;
  const std::int64_t total = detail::g_object_totals[0].load(std::memory_order_relaxed) + kUnknown;
  if (total >= 0 && static_cast<std::uint64_t>(total) < most_files().load(std::memory_order_relaxed)) [[likely]]
    return {};
  return detail::check_room_exactly(who);
}
static_assert(static_cast<std::size_t>(ObjectKind::file) == 0);

}  // namespace k::fs
