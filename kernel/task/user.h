/// What a real user ID has in use: the counts behind RLIMIT_NPROC, RLIMIT_SIGPENDING and RLIMIT_MSGQUEUE.
///
/// Invariants  one User per uid that has threads, queued signals or message queues.
/// Lock order  Rank::users for the table; counts are atomic.
/// Context     find_or_create: task context; the last reference may be dropped anywhere.
/// Errors      ENOMEM.
/// Source      getrlimit(2).
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "mm/phys/slab.h"

namespace k::task {

class User : public lib::RefCounted, public mm::SlabAllocated<User> {
 public:
  explicit User(std::uint32_t uid) : uid_(uid) {}
  static Result<Ref<User>> find_or_create(std::uint32_t uid);
  std::uint32_t uid() const { return uid_; }
  void on_last_ref();

  std::atomic<std::uint32_t> threads{0};
  std::atomic<std::uint32_t> queued_signals{0};
  std::atomic<std::uint64_t> message_queue_bytes{0};
  lib::QueueNode<User> node;

 private:
  const std::uint32_t uid_;
  bool listed_ = false;
};

}  // namespace k::task
