/// Turn: whose call it is, for calls that wait for the outside while it is theirs.
///
/// Invariants  one holder; waiting for it ends with a signal, which waiting for a lock does not.
/// Context     task context.
/// Errors      take: AGAIN when taken and the caller must not block, INTERRUPTED.
#pragma once

#include <atomic>

#include "kernel/sync/wait_queue.h"

namespace k::drivers {

class Turn {
 public:
  /// Gives the turn back.
  class Held {
   public:
    explicit Held(Turn& turn) : turn_(&turn) {}
    Held(Held&& o) noexcept : turn_(std::exchange(o.turn_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (turn_ == nullptr) return;
      turn_->taken_.store(false, std::memory_order_release);
      turn_->free_.wake_one();
    }

   private:
    Turn* turn_;
  };

  Result<Held> take(bool nonblock) {
    if (!try_take()) {
      if (nonblock) return err(Errno::again);
      TRY(free_.wait_until([this] { return try_take(); }));
    }
    return Held{*this};
  }
  bool is_taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  bool try_take() { return !taken_.exchange(true, std::memory_order_acquire); }

  std::atomic<bool> taken_{false};
  sync::WaitQueue free_;
};

}  // namespace k::drivers
