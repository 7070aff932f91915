/// Queue: the messages of one POSIX message queue, and the threads that wait to send or receive.
///
/// Invariants  a message sent while a receiver waits goes straight to it, never into the list. A waiting sender's message is put in
///             by whoever makes room. The waiter of the highest priority is served first, the longest waiting among equals. A
///             waiter's record is on its stack, and leaves its list under the lock before the call returns.
/// Lock order  Rank::ipc_object; waiters are woken inside, pollers and the listener told outside.
/// Context     task context; send and receive may sleep. Messages meet user memory outside the lock.
/// Errors      AGAIN, TIMEDOUT, interrupted; BUSY (somebody listens).
/// Source      mq_overview(7), mq_send(3), mq_receive(3), mq_notify(3), poll(2).
#pragma once

#include <optional>

#include "ipc/mqueue/caller.h"
#include "ipc/mqueue/message.h"
#include "kernel/lib/queue.h"
#include "kernel/sched/priority.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/poll.h"
#include "kernel/sync/wait_queue.h"

namespace k::ipc::mqueue {

/// What a queue can hold; fixed when it is made.
struct Capacity {
  std::uint64_t messages, message_bytes;
};

/// How long a call waits for room or a message.
struct Patience {
  bool blocks = true;
  std::optional<std::int64_t> until = {};  // on CLOCK_REALTIME
};

class Queue {
 public:
  explicit Queue(Capacity capacity) : capacity_(capacity) {}

  const Capacity& capacity() const { return capacity_; }
  Result<void> send(Message::Owner message, const Patience& patience);
  Result<Message::Owner> receive(const Patience& patience);
  sync::PollEvents poll(sync::PollTable* table);

  /// Until a message comes to the empty queue, once.
  Result<void> listen(Ref<Listener> listener);
  /// Ends it if it is the caller's; true if it was.
  bool stop_listening();

  struct Status {
    std::uint64_t messages, bytes;
    int method, signal;  // of the listener, 0 without one
    std::int32_t listener;
  };
  Status status();
  /// Nobody has it open, and its name is gone.
  void drop();

 private:
  struct Waiter {
    sched::Priority priority;
    Message::Owner message = nullptr;  // a sender's, and a receiver's when it got one
    std::atomic<bool> served{false};
    lib::QueueNode<Waiter> node{};
    sync::WaitQueue woken{};
  };
  class Waiters {
   public:
    bool empty() const { return list_.empty(); }
    void add(Waiter& waiter);
    void erase(Waiter& waiter) { list_.erase(waiter); }
    /// Takes out whose turn it is, and calls `serve` before it may see that.
    template <class Serve>
    bool serve_first(Serve serve);

   private:
    lib::Queue<Waiter, &Waiter::node> list_;
  };
  struct State {
    MessageList messages;
    Waiters senders, receivers;
    RefOrNull<Listener> listener;
  };

  bool is_full(const State& state) const { return state.messages.count() == capacity_.messages; }
  void tell_arrival(RefOrNull<Listener> listener);
  Result<void> wait(Waiters State::* list, Waiter& self, const Patience& patience);

  const Capacity capacity_;
  sync::Guarded<State, sync::Rank::ipc_object> state_;
  sync::WaitQueue pollers_;
};

}  // namespace k::ipc::mqueue
