/// Message: what mq_send(3) puts into a queue, and MessageList: a queue's messages in the order they are received.
///
/// Invariants  the list gives the highest priority first and, within one, the oldest.
/// Context     create and write: as MessageText. The list any, its owner locks. Pure.
/// Errors      NOMEM, FAULT.
/// Source      mq_overview(7), mq_send(3).
#pragma once

#include "ipc/message_text.h"
#include "kernel/lib/treap.h"

namespace k::ipc::mqueue {

struct Message {
  using Owner = MessageOwner<Message>;

  Message(unsigned priority, std::size_t bytes, std::size_t here) : priority(priority), bytes(bytes), text(here) {}
  /// With what `from` has left as its text.
  static Result<Owner> create(unsigned priority, IoBuffer& from);

  const unsigned priority;
  const std::size_t bytes;
  lib::TreapNode<Message> node;
  MessageText text;
};

class MessageList {
 public:
  MessageList() = default;
  ~MessageList() {
    while (pop()) {
    }
  }
  MessageList(const MessageList&) = delete;
  MessageList& operator=(const MessageList&) = delete;

  std::uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Of all texts.
  std::uint64_t bytes() const { return bytes_; }
  void push(Message::Owner message);
  /// Null when there is none.
  Message::Owner pop();

 private:
  struct Order {
    static lib::TreapNode<Message>& node(Message& m) { return m.node; }
    static bool less(const Message& a, const Message& b) { return a.priority > b.priority; }
    static void update(Message&) {}
  };
  lib::Treap<Message, Order> messages_;
  std::uint64_t count_ = 0, bytes_ = 0;
};

}  // namespace k::ipc::mqueue
