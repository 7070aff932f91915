/// InodeMarks: who watches an inode (inotify, F_NOTIFY), and the telling.
///
/// Invariants  a mark is in its inode's list until one of remove(), release_all() or its own handle() takes it out, exactly once;
///             that one then tells it by dropped(). The inode does not stay for its marks: when it goes, they go first.
/// Lock order  Rank::inode_marks; handle() and dropped() are called under it and may take Rank::inotify and wake.
/// Context     task context, no sleeping: the lock is a spin lock.
/// Errors      none.
/// Source      inotify(7), fcntl(2) "File and directory change notification".
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs {

class FdTable;
class File;

/// An entry got another name in the directory that it stays in: for F_NOTIFY. No bit of inotify's.
inline constexpr std::uint32_t kRenamedWithin = 0x08000000;

/// What happened, in inotify's bits (IN_*) and kRenamedWithin.
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
  /// The inotify instance; null for another kind.
  virtual const void* owner() const { return nullptr; }
  /// Goes when `table` closes a descriptor of `file`.
  virtual bool ends_with(const FdTable&, const File&) const { return false; }

 private:
  friend class InodeMarks;
  lib::QueueNode<InodeMark> node_;
  bool listed_ = false;
};

class InodeMarks : public lib::RefCounted {
 public:
  void tell(const FileEvent& event);
  /// Calls `decide(InodeMark*)` under the lock with the mark that `is_same` picks, if any; adds the mark that it returns, if any.
  template <class IsSame, class Decide>
  void add(IsSame is_same, Decide decide) {
    sync::Locked marks{marks_};
    InodeMark* there = marks->front();
    while (there != nullptr && !is_same(*there)) there = marks->next(*there);
    if (InodeMark* const fresh = decide(there)) link(*marks, *fresh);
  }
  /// False when somebody else took it off.
  bool remove(InodeMark& mark);
  /// Takes off those that end when `table` closes a descriptor of `file`.
  void remove_those_of(const FdTable& table, const File& file);
  void release_all(std::uint32_t why);

 private:
  using List = lib::Queue<InodeMark, &InodeMark::node_>;
  static void link(List& list, InodeMark& mark);
  static void drop(List& list, InodeMark& mark, std::uint32_t why);

  sync::SpinGuarded<List, sync::Rank::inode_marks> marks_;
};

/// Marks that exist: without any, an event costs one test.
extern std::atomic<std::uint32_t> g_inode_marks;
inline bool anybody_watches() { return g_inode_marks.load(std::memory_order_relaxed) != 0; }

}  // namespace k::fs
