#include "fs/event/event_counter.h"

namespace k::fs::event {

Result<Ref<EventCounter>> EventCounter::create(std::uint64_t initial, Reads reads, lib::Flags flags) {
  auto* file = new (std::nothrow) EventCounter(initial, reads, flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<EventCounter>::adopt(*file);
}

std::uint64_t EventCounter::take() {
  if (reads_ == Reads::all) {
    if (count_.load(std::memory_order_relaxed) == 0) return 0;
    return count_.exchange(0, std::memory_order_acq_rel);
  }
  std::uint64_t now = count_.load(std::memory_order_relaxed);
  while (now != 0 && !count_.compare_exchange_weak(now, now - 1, std::memory_order_acq_rel)) {
  }
  return now != 0 ? 1 : 0;
}

bool EventCounter::put(std::uint64_t n) {
  std::uint64_t now = count_.load(std::memory_order_relaxed);
  do {
    if (n > kMost - now) return false;
  } while (!count_.compare_exchange_weak(now, now + n, std::memory_order_acq_rel));
  return true;
}

Result<std::size_t> EventCounter::read(IoBuffer& to, IoAt& at) {
  std::uint64_t taken;
  if (to.remaining() < sizeof taken) return err(Errno::inval);
  taken = take();
  if (taken == 0) {
    if (!at.blocking) return err(Errno::again);
    TRY(queue_.wait_until([&] { return (taken = take()) != 0; }));
  }
  // A reader that sleeps in `queue_` hears it too: with EFD_SEMAPHORE there may be more for it.
  queue_.wake_one(sync::kWritable);
  writers_.wake_all();
  if (TRY(to.copy_in(&taken, sizeof taken)) != sizeof taken) return err(Errno::fault);
  return sizeof taken;
}

Result<std::size_t> EventCounter::write(IoBuffer& from, IoAt& at) {
  std::uint64_t n;
  if (from.remaining() < sizeof n) return err(Errno::inval);
  if (TRY(from.copy_out(&n, sizeof n)) != sizeof n) return err(Errno::fault);
  if (n > kMost) return err(Errno::inval);
  if (!put(n)) {
    if (!at.blocking) return err(Errno::again);
    TRY(writers_.wait_until([&] { return put(n); }));
  }
  queue_.wake_one(sync::kReadable);
  return sizeof n;
}

sync::PollEvents EventCounter::poll(sync::PollTable* table) {
  if (table != nullptr) table->watch(queue_);
  const std::uint64_t now = count_.load(std::memory_order_acquire);
  sync::PollEvents events;
  if (now > 0) events = events | sync::PollEvent::in;
  if (now < kMost) events = events | sync::PollEvent::out;
  return events;
}

void EventCounter::show_info(lib::TextBuffer& out) const {
  out.print("eventfd-count: {:16x}\n", count_.load(std::memory_order_relaxed));
}

}  // namespace k::fs::event
