#include "ipc/sysv/message_queue.h"

namespace k::ipc::sysv {

MessageQueue::MessageQueue(Namespace& owner, const Permissions& permissions)
    : Object(permissions),
      owner_(owner),
      most_bytes_(owner.message_limits.queue_bytes.load()),
      changed_(now_seconds()) {}

/// Nobody else looks any more, or the queue was removed.
void MessageQueue::drop_messages() {
  sync::LockHeld held{lock};
  while (Message* m = messages_.pop_front()) {
    owner_.messages.fetch_sub(1);
    owner_.message_bytes.fetch_sub(m->bytes);
    const Message::Owner dropped{m};
  }
  bytes_ = count_ = 0;
}

Result<int> MessageQueue::get(Namespace& in, Key key, lib::Flags flags, const Caller& caller) {
  const auto make = [&] { return make_ref<MessageQueue>(in, Permissions::of_creator(caller.who, key, flags.bits())); };
  const auto fits = [](const MessageQueue&) -> Result<void> { return {}; };
  return in.message_queues.get(key, flags, caller.who, in.message_limits.queues.load(), make, fits);
}

Result<void> MessageQueue::check(const Caller& caller, unsigned wanted) {
  TRY(may_access(permissions, caller.who, wanted));
  if (removed) return err(Errno::idrm);
  return {};
}

bool MessageQueue::has_room_for(std::size_t bytes) const {
  return bytes + bytes_ <= most_bytes_ && count_ + 1 <= most_bytes_;
}

void MessageQueue::wake_with(Waiters& list, Waiter& waiter, Result<void> outcome) {
  list.erase(waiter);
  waiter.outcome = outcome;
  waiter.done.store(true, std::memory_order_release);
  waiter.woken.wake_one();
}

/// To the first receiver that wants it. One whose buffer is too small is told so, and the search goes on.
bool MessageQueue::hand_over(Message& message) {
  for (Waiter *w = receivers_.front(), *next; w != nullptr; w = next) {
    next = receivers_.next(*w);
    if (!w->selection->takes(message)) continue;
    if (message.bytes > w->selection->most_bytes && !w->selection->may_cut) {
      wake_with(receivers_, *w, err(Errno::toobig));
      continue;
    }
    w->message = &message;
    received_ = now_seconds();
    last_receiver_ = w->caller.process;
    wake_with(receivers_, *w, {});
    return true;
  }
  return false;
}

void MessageQueue::enqueue(Message& message, const Caller& sender) {
  last_sender_ = sender.process;
  sent_ = now_seconds();
  if (hand_over(message)) return;
  messages_.push_back(message);
  bytes_ += message.bytes;
  ++count_;
  owner_.messages.fetch_add(1);
  owner_.message_bytes.fetch_add(message.bytes);
}

void MessageQueue::dequeue(Message& message, const Caller& receiver) {
  messages_.erase(message);
  bytes_ -= message.bytes;
  --count_;
  owner_.messages.fetch_sub(1);
  owner_.message_bytes.fetch_sub(message.bytes);
  received_ = now_seconds();
  last_receiver_ = receiver.process;
  serve_senders();
}

void MessageQueue::serve_senders() {
  for (Waiter *w = senders_.front(), *next; w != nullptr; w = next) {
    next = senders_.next(*w);
    if (!has_room_for(w->message->bytes)) continue;
    enqueue(*w->message, w->caller);
    wake_with(senders_, *w, {});
  }
}

Message* MessageQueue::find(const Selection& wanted) {
  Message* best = nullptr;
  std::int64_t index = 0;
  for (Message* m = messages_.front(); m != nullptr; m = messages_.next(*m), ++index) {
    if (wanted.mode == Selection::Mode::by_index) {
      if (index == wanted.type) return m;
      continue;
    }
    if (!wanted.takes(*m)) continue;
    if (wanted.mode != Selection::Mode::at_most) return m;
    if (best == nullptr || m->type < best->type) best = m;
  }
  return best;
}

/// The waker uses the record under the lock only, so having had the lock makes it ours again.
Result<void> MessageQueue::wait(Waiters MessageQueue::* list, Waiter& self) {
  const auto waited = self.woken.wait_until([&] { return self.done.load(std::memory_order_acquire); });
  sync::LockHeld held{lock};
  if (self.done.load(std::memory_order_relaxed)) return self.outcome;
  (this->*list).erase(self);
  return waited;
}

Result<void> MessageQueue::send(Message::Owner message, lib::Flags flags, const Caller& caller) {
  Waiter self{.caller = caller, .message = message.get()};
  {
    sync::LockHeld held{lock};
    TRY(check(caller, kMayWrite));
    if (has_room_for(message->bytes)) {
      enqueue(*message.release(), caller);
      return {};
    }
    if (flags.has(IPC_NOWAIT)) return err(Errno::again);
    senders_.push_back(self);
  }
  TRY(wait(&MessageQueue::senders_, self));
  (void)message.release();  // whoever served this sender put it in
  return {};
}

Result<Message::Owner> MessageQueue::receive(const Selection& wanted, lib::Flags flags, const Caller& caller) {
  Waiter self{.caller = caller, .selection = &wanted};
  {
    sync::LockHeld held{lock};
    TRY(check(caller, kMayRead));
    if (Message* const m = find(wanted)) {
      if (m->bytes > wanted.most_bytes && !wanted.may_cut) return err(Errno::toobig);
      dequeue(*m, caller);
      return Message::Owner{m};
    }
    if (flags.has(IPC_NOWAIT)) return err(Errno::nomsg);
    receivers_.push_back(self);
  }
  TRY(wait(&MessageQueue::receivers_, self));
  return Message::Owner{self.message};
}

Result<void> MessageQueue::copy(const Selection& wanted, Message& room, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(check(caller, kMayRead));
  Message* const m = find(wanted);
  if (m == nullptr) return err(Errno::nomsg);
  if (m->bytes > wanted.most_bytes && !wanted.may_cut) return err(Errno::toobig);
  if (m->bytes > room.bytes) return err(Errno::inval);
  room.text.copy(m->text);
  room.type = m->type;
  room.bytes = m->bytes;
  return {};
}

/// Tells those that the new permissions keep out.
void MessageQueue::evict(Waiters& list, unsigned wanted) {
  for (Waiter *w = list.front(), *next; w != nullptr; w = next) {
    next = list.next(*w);
    if (auto allowed = may_access(permissions, w->caller.who, wanted); !allowed) wake_with(list, *w, allowed);
  }
}

Result<void> MessageQueue::change(const Change& to, const Caller& caller) {
  sync::LockHeld held{lock};
  TRY(may_control(permissions, caller.who));
  if (to.most_bytes > owner_.message_limits.queue_bytes.load() && !caller.who.has(CAP_SYS_RESOURCE))
    return err(Errno::perm);
  if (removed) return err(Errno::idrm);
  TRY(set_owner(permissions, to.uid, to.gid, to.mode));
  most_bytes_ = to.most_bytes;
  changed_ = now_seconds();
  evict(receivers_, kMayRead);
  evict(senders_, kMayWrite);
  serve_senders();
  return {};
}

Result<void> MessageQueue::remove(const Caller& caller) {
  {
    sync::LockHeld held{lock};
    TRY(may_control(permissions, caller.who));
  }
  TRY(owner_.message_queues.remove(*this));
  {
    sync::LockHeld held{lock};
    while (Waiter* w = senders_.front()) wake_with(senders_, *w, err(Errno::idrm));
    while (Waiter* w = receivers_.front()) wake_with(receivers_, *w, err(Errno::idrm));
  }
  drop_messages();
  return {};
}

MessageQueue::Status MessageQueue::status() {
  sync::LockHeld held{lock};
  return {permissions, sent_,       received_,    changed_,       bytes_,
          count_,      most_bytes_, last_sender_, last_receiver_, sequence()};
}

Result<MessageQueue::Status> MessageQueue::status(const Caller& caller) {
  {
    sync::LockHeld held{lock};
    TRY(check(caller, kMayRead));
  }
  return status();
}

}  // namespace k::ipc::sysv
