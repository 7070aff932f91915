/// InotifyUser: what a user has of inotify, and how much anybody may have.
///
/// Invariants  one record per user ID that has instances; privilege changes nothing.
/// Lock order  Rank::users for the table; counts are atomic.
/// Context     of: task context; the rest: any.
/// Errors      NOMEM.
/// Source      inotify(7), "/proc interfaces".
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/credentials.h"
#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "mm/phys/slab.h"

namespace k::fs::event {

struct InotifyLimits {
  std::atomic<std::uint32_t> instances{128}, watches{0}, events{16384};
};
/// max_user_instances, max_user_watches (at first in proportion to the memory), max_queued_events.
InotifyLimits& inotify_limits();

class InotifyUser : public lib::RefCounted, public mm::SlabAllocated<InotifyUser> {
 public:
  explicit InotifyUser(Uid uid) : uid_(uid) {}
  static Result<Ref<InotifyUser>> of(Uid uid);

  /// False: the user has as many as anybody may have.
  bool take_instance() { return take(instances_, inotify_limits().instances); }
  void give_instance_back() { instances_.fetch_sub(1, std::memory_order_relaxed); }
  bool take_watch() { return take(watches_, inotify_limits().watches); }
  void give_watch_back() { watches_.fetch_sub(1, std::memory_order_relaxed); }

  void on_last_ref();

  lib::QueueNode<InotifyUser> node;

 private:
  static bool take(std::atomic<std::uint32_t>& count, const std::atomic<std::uint32_t>& most);

  const Uid uid_;
  bool listed_ = false;
  std::atomic<std::uint32_t> instances_{0}, watches_{0};
};

}  // namespace k::fs::event
