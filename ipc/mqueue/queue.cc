#include "ipc/mqueue/queue.h"

#include "kernel/sched/sched.h"
#include "kernel/sync/realtime_wait.h"

namespace k::ipc::mqueue {

using sync::Locked;

void Queue::Waiters::add(Waiter& waiter) {
  Waiter* before = list_.front();
  while (before != nullptr && before->priority <= waiter.priority) before = list_.next(*before);
  list_.insert_before(before, waiter);
}

template <class Serve>
bool Queue::Waiters::serve_first(Serve serve) {
  Waiter* const first = list_.pop_front();
  if (first == nullptr) return false;
  serve(*first);
  first->served.store(true, std::memory_order_release);
  first->woken.wake_one();
  return true;
}

/// Whoever serves it uses the record under the lock only, so having had the lock makes it ours again.
Result<void> Queue::wait(Waiters State::* list, Waiter& self, const Patience& patience) {
  const auto served = [&] { return self.served.load(std::memory_order_acquire); };
  const auto waited =
      patience.until ? sync::wait_until_realtime(self.woken, served, *patience.until) : self.woken.wait_until(served);
  Locked state{state_};
  if (self.served.load(std::memory_order_relaxed)) return {};
  ((*state).*list).erase(self);
  return waited;
}

void Queue::tell_arrival(RefOrNull<Listener> listener) {
  if (listener) listener->tell();
  pollers_.wake_all(sync::kReadable);
}

Result<void> Queue::send(Message::Owner message, const Patience& patience) {
  Waiter self{.priority = sched::current().priority()};
  RefOrNull<Listener> listener;
  bool waits = false;
  {
    Locked state{state_};
    if (is_full(*state)) {
      if (!patience.blocks) return err(Errno::again);
      self.message = std::move(message);
      state->senders.add(self);
      waits = true;
    } else if (state->receivers.serve_first([&](Waiter& w) { w.message = std::move(message); })) {
      return {};
    } else {
      if (state->messages.empty()) listener = std::move(state->listener);
      state->messages.push(std::move(message));
    }
  }
  if (waits) return wait(&State::senders, self, patience);
  tell_arrival(std::move(listener));
  return {};
}

Result<Message::Owner> Queue::receive(const Patience& patience) {
  Waiter self{.priority = sched::current().priority()};
  Message::Owner first;
  {
    Locked state{state_};
    first = state->messages.pop();
    if (!first) {
      if (!patience.blocks) return err(Errno::again);
      state->receivers.add(self);
    } else if (state->senders.serve_first([&](Waiter& w) { state->messages.push(std::move(w.message)); })) {
      return first;
    }
  }
  if (first) {
    pollers_.wake_all(sync::kWritable);
    return first;
  }
  TRY(wait(&State::receivers, self, patience));
  return std::move(self.message);
}

sync::PollEvents Queue::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(pollers_);
  sync::PollEvents events;
  Locked state{state_};
  if (!state->messages.empty()) events = sync::kReadable;
  if (!is_full(*state)) events = events | sync::kWritable;
  return events;
}

Result<void> Queue::listen(Ref<Listener> listener) {
  Locked state{state_};
  if (state->listener) return err(Errno::busy);
  state->listener = std::move(listener);
  return {};
}

bool Queue::stop_listening() {
  RefOrNull<Listener> ended;
  {
    Locked state{state_};
    if (!state->listener || !state->listener->is_caller()) return false;
    ended = std::move(state->listener);
  }
  ended->end();
  return true;
}

Queue::Status Queue::status() {
  Locked state{state_};
  Status s{state->messages.count(), state->messages.bytes(), 0, 0, 0};
  if (const Listener* const listener = state->listener.get()) {
    s.method = listener->method;
    s.signal = listener->signal;
    s.listener = listener->process();
  }
  return s;
}

void Queue::drop() {
  RefOrNull<Listener> ended;
  {
    Locked state{state_};
    ended = std::move(state->listener);
    while (state->messages.pop()) {
    }
  }
  if (ended) ended->end();
}

}  // namespace k::ipc::mqueue
