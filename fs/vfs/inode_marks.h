/// InodeMarks: who watches an inode (inotify), and the telling.
///
/// Invariants  a mark is in its inode's list until one of remove(), release_all() or its own handle() takes it out, exactly once;
///             that one then tells it by dropped(). The inode does not stay for its marks: when it goes, they go first.
/// Lock order  Rank::inode_marks; handle() and dropped() are called under it and may take Rank::inotify and wake.
/// Context     task context, no sleeping: the lock is a spin lock.
/// Errors      none.
/// Source      inotify(7).
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

/// What happened, in inotify's bits (IN_*).
struct FileEvent {
  std::uint32_t what = 0;  // one event, perhaps with IN_ISDIR
  std::uint32_t cookie = 0;
  std::string_view name = {};     // of the entry, when the watched inode is its directory
  bool of_removed_entry = false;  // the entry has left the directory already
};

enum class Keep : bool { no, yes };

class InodeMark : public lib::RefCounted {
 public:
  virtual ~InodeMark() = default;
  /// `no` takes the mark off the inode.
  virtual Keep handle(const FileEvent& event) = 0;
  /// It was taken off, for the reason `why`: 0, IN_UNMOUNT or IN_DELETE_SELF.
  virtual void dropped(std::uint32_t why) = 0;
  virtual const void* owner() const = 0;

 private:
  friend class InodeMarks;
  lib::QueueNode<InodeMark> node_;
  bool listed_ = false;
};

class InodeMarks : public lib::RefCounted {
 public:
  void tell(const FileEvent& event);
  /// Calls `decide(InodeMark* of_owner)` under the lock; adds the mark that it returns, if any.
  template <class Decide>
  void add(const void* owner, Decide decide) {
    sync::Locked marks{marks_};
    if (InodeMark* const fresh = decide(find(*marks, owner))) link(*marks, *fresh);
  }
  /// False when somebody else took it off.
  bool remove(InodeMark& mark);
  void release_all(std::uint32_t why);

 private:
  using List = lib::Queue<InodeMark, &InodeMark::node_>;
  static InodeMark* find(List& list, const void* owner);
  static void link(List& list, InodeMark& mark);
  static void unlink(List& list, InodeMark& mark);

  sync::SpinGuarded<List, sync::Rank::inode_marks> marks_;
};

/// Marks that exist: without any, an event costs one test.
extern std::atomic<std::uint32_t> g_inode_marks;
inline bool anybody_watches() { return g_inode_marks.load(std::memory_order_relaxed) != 0; }

}  // namespace k::fs
