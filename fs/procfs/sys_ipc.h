/// Settings of System V IPC in /proc/sys/kernel, and those of POSIX message queues in /proc/sys/fs/mqueue.
/// Context     task context.
/// Errors      INVAL: no number, or out of range; RANGE: the last number of `sem`.
/// Source      proc(5), mq_overview(7).
#pragma once

#include "fs/procfs/setting.h"
#include "ipc/sysv/namespace.h"

namespace k::fs::proc {

namespace detail {
inline constexpr std::uint64_t kMostObjects = ipc::sysv::IdTable::kMaxObjects;
inline auto& ipc_namespace() { return ipc::sysv::initial_namespace(); }
inline auto& shmmax() { return ipc_namespace().segment_limits.segment_bytes; }
inline auto& shmall() { return ipc_namespace().segment_limits.pages_in_all; }
inline auto& shmmni() { return ipc_namespace().segment_limits.segments; }
inline auto& msgmax() { return ipc_namespace().message_limits.message_bytes; }
inline auto& msgmnb() { return ipc_namespace().message_limits.queue_bytes; }
inline auto& msgmni() { return ipc_namespace().message_limits.queues; }
Result<void> show_semaphore_limits(const Subject&, TextBuffer& out);
Result<void> store_semaphore_limits(const Subject&, std::string_view text);
}  // namespace detail

inline constexpr Entry kShmmax = setting<detail::shmmax, 0, UINT64_MAX>("shmmax");
inline constexpr Entry kShmall = setting<detail::shmall, 0, UINT64_MAX>("shmall");
inline constexpr Entry kShmmni = setting<detail::shmmni, 0, detail::kMostObjects>("shmmni");
inline constexpr Entry kMsgmax = setting<detail::msgmax, 0, INT32_MAX>("msgmax");
inline constexpr Entry kMsgmnb = setting<detail::msgmnb, 0, INT32_MAX>("msgmnb");
inline constexpr Entry kMsgmni = setting<detail::msgmni, 0, detail::kMostObjects>("msgmni");
inline constexpr Entry kSem = writable_file("sem", detail::show_semaphore_limits, detail::store_semaphore_limits);

extern const DirectoryTable kMqueueDirectory;

}  // namespace k::fs::proc
