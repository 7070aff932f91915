/// InotifyQueue: the events that an inotify instance has not given out yet.
///
/// Invariants  an event that equals the last one is not queued again. Beyond the most events, or without memory, one overflow event says
///             that some are missing; its record is part of the queue.
/// Context     the owner locks; nothing sleeps.
/// Source      inotify(7), "IN_Q_OVERFLOW", "identical".
#pragma once

#include <linux/inotify.h>

#include <string_view>

#include "kernel/lib/alloc.h"
#include "kernel/lib/queue.h"

namespace k::fs::event {

/// What read(2) gives before the name: uapi::inotify_event, whose name member may not stand inside another structure.
struct InotifyHead {
  std::int32_t wd = 0;
  std::uint32_t mask = 0, cookie = 0, len = 0;
};
static_assert(sizeof(InotifyHead) == sizeof(uapi::inotify_event) &&
              offsetof(InotifyHead, len) == offsetof(uapi::inotify_event, len));

struct InotifyRecord {
  lib::QueueNode<InotifyRecord> node;
  InotifyHead head;  // `len` counts the name with its padding, as read(2) gives it
  std::uint32_t name_length = 0;

  std::string_view name() const { return {reinterpret_cast<const char*>(this + 1), name_length}; }
  std::size_t bytes() const { return sizeof head + head.len; }
};

class InotifyQueue {
 public:
  explicit InotifyQueue(std::size_t most_events) : most_(most_events) {}
  ~InotifyQueue();
  void push(std::int32_t watch, std::uint32_t what, std::uint32_t cookie, std::string_view name);
  const InotifyRecord* front() const { return records_.front(); }
  /// Takes the front out; give it to release() when it is no longer needed.
  const InotifyRecord* pop();
  static void release(const InotifyRecord* record);
  bool empty() const { return records_.empty(); }
  std::size_t bytes() const { return bytes_; }

 private:
  static InotifyRecord* create(std::string_view name);
  void append(InotifyRecord& record);

  const std::size_t most_;
  lib::Queue<InotifyRecord, &InotifyRecord::node> records_;
  InotifyRecord* last_ = nullptr;
  InotifyRecord overflow_;
  bool overflowed_ = false;  // `overflow_` is queued
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace k::fs::event
