/// PollWait: one call's hooks in the wait queues of the files that it polls.
///
/// Invariants  every hook is out of its queue before the object dies, so the caller keeps the files alive for as long. The first
///             hooks are part of the object (on the stack); more are allocated in chunks.
/// Context     task context.
/// Errors      wait: interrupted, timedout. NOMEM shows in status().
/// Source      poll(2), select(2).
#pragma once

#include <array>
#include <optional>

#include "kernel/lib/alloc.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/wait_queue.h"

namespace k::fs {

class PollWait final : public sync::PollTable {
 public:
  PollWait() : PollTable(sync::kAnyEvent) {}
  ~PollWait();
  PollWait(const PollWait&) = delete;
  PollWait& operator=(const PollWait&) = delete;

  /// What the file that is asked next is polled for.
  void want(sync::PollEvents events) { wanted_ = events; }
  void watch(sync::WaitQueue& queue) override;
  Result<void> status() const { return status_; }
  /// Sleeps until a watched queue is woken for a wanted event.
  Result<void> wait(Deadline deadline);

 private:
  struct Hook : sync::Waiter {
    Hook(PollWait& owner_, sync::WaitQueue& queue_, sync::PollEvents events)
        : Waiter(&Hook::woken, events), owner(owner_), queue(queue_) {}
    static bool woken(Waiter& self, sync::PollEvents events);
    PollWait& owner;
    sync::WaitQueue& queue;
  };
  static constexpr std::size_t kInline = 8, kPerChunk = 32;
  struct Chunk {
    Chunk* next = nullptr;
    std::size_t used = 0;
    std::array<std::optional<Hook>, kPerChunk> hooks;
  };
  std::optional<Hook>* free_slot();

  std::array<std::optional<Hook>, kInline> first_;
  std::size_t used_ = 0;
  Chunk* chunks_ = nullptr;
  Result<void> status_;
  std::atomic<bool> woken_{false};
  sync::WaitQueue sleeping_;
};

}  // namespace k::fs
