/// SocketWait: how long one call on a socket may wait in all.
///
/// Invariants  a call that could wait for ever is restarted after a signal, one with SO_RCVTIMEO or SO_SNDTIMEO is not.
/// Context     task context.
/// Errors      wait: AGAIN (may not wait, or the time is up), interrupted, INTR.
/// Source      socket(7), signal(7) "Interruption of system calls".
#pragma once

#include <optional>

#include "kernel/sync/wait_queue.h"

namespace k::net {

class SocketWait {
 public:
  /// `timeout_ns`: 0 for ever.
  SocketWait(bool blocking, std::uint64_t timeout_ns) : blocking_(blocking), timeout_ns_(timeout_ns) {}
  bool may_wait() const { return blocking_; }

  template <class P>
  Result<void> wait(sync::WaitQueue& queue, P&& predicate) {
    if (!blocking_) return err(Errno::again);
    if (timeout_ns_ == 0) return queue.wait_until(predicate);
    if (!deadline_) deadline_ = Deadline::after(timeout_ns_);
    const auto waited = queue.wait_until(predicate, *deadline_);
    if (waited) return {};
    return err(waited.error() == Errno::timedout ? Errno::again : Errno::intr);
  }

 private:
  bool blocking_;
  std::uint64_t timeout_ns_;
  std::optional<Deadline> deadline_;
};

}  // namespace k::net
