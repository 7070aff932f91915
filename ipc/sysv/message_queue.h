/// MessageQueue: the messages of one identifier, and the threads that wait to send or receive.
///
/// Invariants  a message that fits a waiting receiver goes straight to the first such one, never into the queue. A waiting
///             sender's message is put in by whoever makes room, in order of arrival among those that fit. A waiter's record is
///             on its stack, and leaves its list under the lock before the call returns.
/// Lock order  Object::lock; wake-ups happen inside.
/// Context     task context; send and receive may sleep. Messages are copied from and to user memory outside the lock.
/// Errors      AGAIN, NOMSG (IPC_NOWAIT), TOOBIG, IDRM, ACCES, INVAL, NOMEM, interrupted.
/// Source      msgop(2), msgctl(2).
#pragma once

#include <linux/msg.h>

#include "ipc/message_text.h"
#include "ipc/sysv/caller.h"
#include "ipc/sysv/namespace.h"
#include "kernel/lib/queue.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"

namespace k::ipc::sysv {

struct Message {
  using Owner = MessageOwner<Message>;

  Message(std::int64_t type, std::size_t bytes, std::size_t here) : type(type), bytes(bytes), text(here) {}
  static Result<Owner> create(std::int64_t type, std::size_t bytes) {
    return allocate_message<Message>(bytes, type, bytes);
  }

  std::int64_t type;
  std::size_t bytes;
  lib::QueueNode<Message> node;
  MessageText text;
};

/// Which message msgrcv(2) wants.
struct Selection {
  enum class Mode : std::uint8_t { any, equal, not_equal, at_most, by_index };
  /// From the call's type and MSG_EXCEPT, MSG_COPY.
  static Selection of(std::int64_t type, lib::Flags flags);
  bool takes(const Message& m) const;

  Mode mode;
  std::int64_t type;
  std::size_t most_bytes;
  bool may_cut;  // MSG_NOERROR
};

class MessageQueue final : public Object, public mm::SlabAllocated<MessageQueue> {
 public:
  MessageQueue(Namespace& owner, const Permissions& permissions);
  ~MessageQueue() override { drop_messages(); }
  /// msgget(2).
  static Result<int> get(Namespace& in, Key key, lib::Flags flags, const Caller& caller);

  Result<void> send(Message::Owner message, lib::Flags flags, const Caller& caller);
  Result<Message::Owner> receive(const Selection& wanted, lib::Flags flags, const Caller& caller);
  /// MSG_COPY: a copy of the message number `wanted.type`, which stays, into `room`, which it cuts to fit.
  Result<void> copy(const Selection& wanted, Message& room, const Caller& caller);

  struct Change {
    fs::Uid uid;
    fs::Gid gid;
    std::uint32_t mode;
    std::uint64_t most_bytes;
  };
  Result<void> change(const Change& to, const Caller& caller);
  Result<void> remove(const Caller& caller);

  struct Status {
    Permissions permissions;
    std::int64_t sent, received, changed;  // seconds
    std::uint64_t bytes, messages, most_bytes;
    std::int32_t last_sender, last_receiver;
    unsigned sequence;
  };
  Status status();
  /// IPC_STAT: with permission to read.
  Result<Status> status(const Caller& caller);

 private:
  struct Waiter {
    const Caller& caller;
    Message* message = nullptr;            // a sender's, and a receiver's when it got one
    const Selection* selection = nullptr;  // a receiver's
    std::atomic<bool> done{false};
    Result<void> outcome{};
    lib::QueueNode<Waiter> node{};
    sync::WaitQueue woken{};
  };
  using Waiters = lib::Queue<Waiter, &Waiter::node>;

  void closed() override { drop_messages(); }
  void drop_messages();
  Result<void> check(const Caller& caller, unsigned wanted) HT_REQUIRES(lock);
  bool has_room_for(std::size_t bytes) const HT_REQUIRES(lock);
  Message* find(const Selection& wanted) HT_REQUIRES(lock);
  void enqueue(Message& message, const Caller& sender) HT_REQUIRES(lock);
  bool hand_over(Message& message) HT_REQUIRES(lock);
  void dequeue(Message& message, const Caller& receiver) HT_REQUIRES(lock);
  void serve_senders() HT_REQUIRES(lock);
  static void wake_with(Waiters& list, Waiter& waiter, Result<void> outcome);
  /// Waits until somebody has served `self`; takes it off `list` if that never came.
  Result<void> wait(Waiters MessageQueue::* list, Waiter& self);
  void evict(Waiters& list, unsigned wanted) HT_REQUIRES(lock);

  Namespace& owner_;
  lib::Queue<Message, &Message::node> messages_ HT_GUARDED_BY(lock);
  Waiters senders_ HT_GUARDED_BY(lock), receivers_ HT_GUARDED_BY(lock);
  std::uint64_t bytes_ HT_GUARDED_BY(lock) = 0, count_ HT_GUARDED_BY(lock) = 0, most_bytes_ HT_GUARDED_BY(lock) = 0;
  std::int64_t sent_ HT_GUARDED_BY(lock) = 0, received_ HT_GUARDED_BY(lock) = 0, changed_ HT_GUARDED_BY(lock) = 0;
  std::int32_t last_sender_ HT_GUARDED_BY(lock) = 0, last_receiver_ HT_GUARDED_BY(lock) = 0;
};

}  // namespace k::ipc::sysv
