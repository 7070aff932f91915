/// AsyncNotices: who asked by O_ASYNC to be told of one kind of readiness of an object (a pipe's end, a socket, a terminal).
///
/// Invariants  a hook is in at most one list; it leaves before its file closes the object. Nothing but one load is done where nobody
///             asked.
/// Lock order  Rank::async_notices, held while the hooks are told.
/// Context     tell: any but interrupts, spin locks below the rank may be held. The rest: task context.
/// Source      fcntl(2), O_ASYNC; sigaction(2), si_code of SIGIO.
#pragma once

#include <atomic>

#include "kernel/lib/queue.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

class AsyncNotices;

class AsyncHook {
 public:
  AsyncHook() = default;
  AsyncHook(const AsyncHook&) = delete;
  AsyncHook& operator=(const AsyncHook&) = delete;

 protected:
  ~AsyncHook() = default;
  /// `reason`: POLL_IN and its like.
  virtual void told(int reason) = 0;

 private:
  friend class AsyncNotices;
  lib::QueueNode<AsyncHook> node_;
  AsyncNotices* list_ = nullptr;
};

class AsyncNotices {
 public:
  bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }
  void tell(int reason) {
    if (!empty()) [[unlikely]]
      tell_all(reason);
  }
  void add(AsyncHook& hook);
  /// After it returns the hook is not being told and will not be. Nothing if it is in no list.
  static void remove(AsyncHook& hook);

 private:
  [[gnu::cold]] void tell_all(int reason);

  sync::SpinGuarded<lib::Queue<AsyncHook, &AsyncHook::node_>, sync::Rank::async_notices> hooks_;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace k::fs
