/// Inotify: an instance's watches and the events that wait to be read.
///
/// Invariants  a watch is a mark on one inode, in the table by its number while events may come; whoever takes the mark off the inode
///             takes it out of the table and queues IN_IGNORED. A watch holds its instance, which lets all go when it is closed.
/// Lock order  Rank::inode_marks > Rank::inotify; wake-ups after both or inside them.
/// Context     task context.
/// Errors      add: EXIST (IN_MASK_CREATE), NOMEM, NOSPC (the user has too many); remove: INVAL.
/// Source      inotify(7), inotify_add_watch(2), inotify_rm_watch(2).
#pragma once

#include "fs/event/inotify_queue.h"
#include "fs/event/inotify_user.h"
#include "fs/vfs/async_notice.h"
#include "fs/vfs/inode.h"
#include "fs/vfs/inode_marks.h"
#include "kernel/lib/treap.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"
#include "mm/user/io_buffer.h"

namespace k::fs::event {

class Inotify;

class InotifyWatch final : public InodeMark, public mm::SlabAllocated<InotifyWatch> {
 public:
  InotifyWatch(Ref<Inotify> instance, Ref<InodeMarks> marks, std::uint32_t mask)
      : instance_(std::move(instance)), marks_(std::move(marks)), mask_(mask) {}

  Keep handle(const FileEvent& event) override;
  void dropped(std::uint32_t why) override;
  const void* owner() const override { return instance_.get(); }

 private:
  friend class Inotify;
  Ref<Inotify> instance_;
  Ref<InodeMarks> marks_;
  std::uint32_t mask_;  // under the lock of the marks
  std::int32_t number_ = 0;
  bool in_table_ = false;
  lib::TreapNode<InotifyWatch> node_;
};

class Inotify final : public lib::RefCounted {
 public:
  /// MFILE: the user has as many as anybody may have.
  static Result<Ref<Inotify>> create(Uid uid);
  explicit Inotify(Ref<InotifyUser> user);
  ~Inotify() { uncount(); }

  /// The number of the watch. `mask`: IN_*.
  Result<std::int32_t> add(Inode& inode, std::uint32_t mask);
  Result<void> remove(std::int32_t watch);
  /// The last descriptor is gone.
  void close();

  bool readable() const { return waiting_.load(std::memory_order_relaxed) != 0; }
  std::size_t queued_bytes();
  /// Copies the next event out. 0: none waits. INVAL: it does not fit.
  Result<std::size_t> read(IoBuffer& to);
  sync::WaitQueue& queue() { return queue_; }
  AsyncNotices& async() { return async_; }

 private:
  friend class InotifyWatch;
  struct ByNumber {
    static lib::TreapNode<InotifyWatch>& node(InotifyWatch& w) { return w.node_; }
    static bool less(const InotifyWatch& a, const InotifyWatch& b) { return a.number_ < b.number_; }
    static void update(InotifyWatch&) {}
  };
  struct State {
    lib::Treap<InotifyWatch, ByNumber> watches;
    InotifyQueue events;
    std::int32_t last_number = 0;
    explicit State(std::size_t most_events) : events(most_events) {}
  };

  Result<std::int32_t> update(InotifyWatch& watch, std::uint32_t mask);
  Result<std::int32_t> enter(InotifyWatch& watch);
  void queue_event(InotifyWatch& watch, std::uint32_t what, const FileEvent& event);
  void end(InotifyWatch& watch, std::uint32_t why);
  RefOrNull<InotifyWatch> find(std::int32_t number);
  void uncount();
  void wake();
  void note(const State& state) { waiting_.store(state.events.empty() ? 0 : 1, std::memory_order_relaxed); }

  const Ref<InotifyUser> user_;
  std::atomic<bool> counted_{true};  // among the user's instances
  sync::SpinGuarded<State, sync::Rank::inotify> state_;
  std::atomic<std::uint32_t> waiting_{0};
  sync::WaitQueue queue_;
  AsyncNotices async_;
};

}  // namespace k::fs::event
