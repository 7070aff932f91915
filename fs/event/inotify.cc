#include "fs/event/inotify.h"

#include <asm/siginfo.h>

namespace k::fs::event {

Inotify::Inotify(Ref<InotifyUser> user)
    : user_(std::move(user)), state_(std::size_t{inotify_limits().events.load(std::memory_order_relaxed)}) {}

Result<Ref<Inotify>> Inotify::create(Uid uid) {
  auto user = TRY(InotifyUser::of(uid));
  if (!user->take_instance()) return err(Errno::mfile);
  auto made = make_ref<Inotify>(user);
  if (!made) user->give_instance_back();
  return made;
}

void Inotify::uncount() {
  if (counted_.exchange(false, std::memory_order_relaxed)) user_->give_instance_back();
}

Keep InotifyWatch::handle(const FileEvent& event) {
  const std::uint32_t what = event.what & ~IN_ISDIR;
  if ((mask_ & what) == 0) return Keep::yes;
  if (event.of_removed_entry && (mask_ & IN_EXCL_UNLINK) != 0) return Keep::yes;
  instance_->queue_event(*this, event.what, event);
  return (mask_ & IN_ONESHOT) != 0 ? Keep::no : Keep::yes;
}

void InotifyWatch::dropped(std::uint32_t why) { instance_->end(*this, why & (mask_ | IN_UNMOUNT)); }

void Inotify::wake() {
  queue_.wake_one(sync::kReadable);
  async_.tell(POLL_IN);
}

void Inotify::queue_event(InotifyWatch& watch, std::uint32_t what, const FileEvent& event) {
  {
    sync::Locked state{state_};
    if (!watch.in_table_) return;
    state->events.push(watch.number_, what, event.cookie, event.name);
    note(*state);
  }
  wake();
}

/// The inode let the watch go: tells why, if asked for, and that there will be no more.
void Inotify::end(InotifyWatch& watch, std::uint32_t why) {
  {
    sync::Locked state{state_};
    if (!watch.in_table_) return;
    watch.in_table_ = false;
    user_->give_watch_back();
    state->watches.erase(watch);
    if (why != 0) state->events.push(watch.number_, why, 0, {});
    state->events.push(watch.number_, IN_IGNORED, 0, {});
    note(*state);
  }
  wake();
  lib::release(&watch);
}

Result<std::int32_t> Inotify::update(InotifyWatch& watch, std::uint32_t mask) {
  if ((mask & IN_MASK_CREATE) != 0) return err(Errno::exist);
  watch.mask_ = (mask & IN_MASK_ADD) != 0 ? watch.mask_ | mask : mask;
  return watch.number_;
}

Result<std::int32_t> Inotify::enter(InotifyWatch& watch) {
  sync::Locked state{state_};
  if (state->last_number == INT32_MAX || !user_->take_watch()) return err(Errno::nospc);
  watch.number_ = ++state->last_number;
  watch.in_table_ = true;
  watch.ref();
  state->watches.insert(watch);
  return watch.number_;
}

Result<std::int32_t> Inotify::add(Inode& inode, std::uint32_t mask) {
  InodeMarks* const marks = TRY(inode.marks());
  auto fresh = TRY(make_ref<InotifyWatch>(Ref<Inotify>::share(*this), Ref<InodeMarks>::share(*marks), mask));
  Result<std::int32_t> number{0};
  const auto is_ours = [this](const InodeMark& mark) { return mark.owner() == this; };
  marks->add(is_ours, [&](InodeMark* there) -> InodeMark* {
    if (there != nullptr) {
      number = update(static_cast<InotifyWatch&>(*there), mask);
      return nullptr;
    }
    number = enter(*fresh);
    return number ? fresh.get() : nullptr;
  });
  return number;
}

RefOrNull<InotifyWatch> Inotify::find(std::int32_t number) {
  sync::Locked state{state_};
  InotifyWatch* watch = state->watches.root();
  while (watch != nullptr && watch->number_ != number)
    watch = number < watch->number_ ? state->watches.left(*watch) : state->watches.right(*watch);
  return RefOrNull<InotifyWatch>::share(watch);
}

Result<void> Inotify::remove(std::int32_t number) {
  const auto watch = find(number);
  if (!watch || !watch->marks_->remove(*watch)) return err(Errno::inval);
  return {};
}

void Inotify::close() {
  for (;;) {
    RefOrNull<InotifyWatch> watch;
    {
      sync::Locked state{state_};
      watch = RefOrNull<InotifyWatch>::share(state->watches.first());
    }
    if (!watch) return uncount();
    // False: the inode is letting it go just now, and takes it out of the table.
    while (!watch->marks_->remove(*watch)) {
      sync::Locked state{state_};
      if (!watch->in_table_) break;
    }
  }
}

std::size_t Inotify::queued_bytes() {
  return sync::Locked { state_ } -> events.bytes();
}

namespace {

/// The head, the name, and NULs up to the length that the head says.
Result<std::size_t> copy_record(IoBuffer& to, const InotifyRecord& record) {
  if (TRY(to.copy_in(&record.head, sizeof record.head)) != sizeof record.head) return err(Errno::fault);
  if (record.head.len == 0) return record.bytes();
  const std::string_view name = record.name();
  const std::size_t padding = record.head.len - name.size();
  if (TRY(to.copy_in(name.data(), name.size())) != name.size()) return err(Errno::fault);
  if (TRY(to.zero_in(padding)) != padding) return err(Errno::fault);
  return record.bytes();
}

}  // namespace

Result<std::size_t> Inotify::read(IoBuffer& to) {
  const InotifyRecord* record;
  {
    sync::Locked state{state_};
    const InotifyRecord* const next = state->events.front();
    if (next == nullptr) return 0;
    if (next->bytes() > to.remaining()) return err(Errno::inval);
    record = state->events.pop();
    note(*state);
  }
  const auto copied = copy_record(to, *record);
  InotifyQueue::release(record);
  return copied;
}

}  // namespace k::fs::event
