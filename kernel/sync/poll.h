/// What poll, select and epoll ask a file, and how they hook its wait queues.
///
/// Invariants  File::poll first calls table->watch() for every queue that may make it ready, then looks at its state: an
///             event in between is seen by one or the other.
/// Context     task context.
/// Source      poll(2), <asm-generic/poll.h>.
#pragma once

#include <asm/poll.h>

#include <cstdint>

#include "kernel/lib/flags.h"

namespace k::sync {

class WaitQueue;

enum class PollEvent : std::uint32_t {
  in = POLLIN,
  pri = POLLPRI,
  out = POLLOUT,
  err = POLLERR,
  hup = POLLHUP,
  nval = POLLNVAL,
  rdnorm = POLLRDNORM,
  rdband = POLLRDBAND,
  wrnorm = POLLWRNORM,
  wrband = POLLWRBAND,
  msg = POLLMSG,
  rdhup = POLLRDHUP,
};
using PollEvents = lib::EnumSet<PollEvent>;

inline constexpr PollEvents kReadable = PollEvents{PollEvent::in} | PollEvent::rdnorm;
inline constexpr PollEvents kWritable = PollEvents{PollEvent::out} | PollEvent::wrnorm;
/// A wake-up that says nothing of its reason reaches every waiter.
inline constexpr PollEvents kAnyEvent = PollEvents::from_bits(~0u);

/// Given to File::poll; null when the caller only wants the state.
class PollTable {
 public:
  /// Asks to be told when `queue` is woken. Keeps no reference: the caller's file does.
  virtual void watch(WaitQueue& queue) = 0;
  /// What the caller waits for, so that a file may skip queues that cannot matter.
  PollEvents wanted() const { return wanted_; }

 protected:
  explicit PollTable(PollEvents wanted) : wanted_(wanted) {}
  ~PollTable() = default;
  PollEvents wanted_;
};

}  // namespace k::sync
