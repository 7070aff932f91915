/// The limits of POSIX message queues, as /proc/sys/fs/mqueue shows and changes them.
///
/// Invariants  each stays within its range. There is one set so far; an IPC namespace would have its own.
/// Context     any.
/// Source      mq_overview(7), "/proc interfaces".
#pragma once

#include <atomic>
#include <cstdint>

namespace k::ipc::mqueue {

struct Limits {
  // HARD_MSGMAX and HARD_MSGSIZEMAX, which hold for the privileged too; and the least that the limits may be set to.
  static constexpr std::uint32_t kMostMessages = 65536, kMostBytes = 16 << 20;
  static constexpr std::uint32_t kLeastMessages = 1, kLeastBytes = 128;

  std::atomic<std::uint32_t> queues{256};
  std::atomic<std::uint32_t> messages{10}, message_bytes{8192};
  std::atomic<std::uint32_t> default_messages{10}, default_message_bytes{8192};
};

Limits& limits();

}  // namespace k::ipc::mqueue
