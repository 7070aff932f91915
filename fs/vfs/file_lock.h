/// FileLocks: the advisory locks of one inode: flock(2) and record locks (fcntl F_SETLK, F_OFD_SETLK).
///
/// Invariants  record locks of one owner do not overlap: neighbours of one type are merged, a lock in the middle splits. Two
///             owners' locks overlap only if both are shared. The two families do not see each other.
/// Lock order  Rank::inode for the lists; waiting happens without it.
/// Context     task context; lock_* may sleep when asked to.
/// Errors      AGAIN (no waiting), DEADLK (record locks of processes only), NOLCK (no memory), interrupted.
/// Source      flock(2), fcntl(2) "Advisory record locking", "Open file description locks".
#pragma once

#include <cstdint>

#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"

namespace k::fs {

/// A process's descriptor table (POSIX record locks) or an open file description (OFD locks, flock).
using LockOwner = const void*;

enum class LockType : std::uint8_t { read, write, unlock };
enum class LockWait : bool { no, yes };

struct RecordLock {
  LockOwner owner = nullptr;
  int pid = 0;  // what F_GETLK tells; -1 for an open file description
  LockType type = LockType::unlock;
  std::uint64_t first = 0, last = 0;  // inclusive

  bool overlaps(const RecordLock& o) const { return first <= o.last && o.first <= last; }
  bool conflicts_with(const RecordLock& o) const {
    return owner != o.owner && overlaps(o) && (type == LockType::write || o.type == LockType::write);
  }
};

class FileLocks {
 public:
  FileLocks() = default;
  ~FileLocks();

  Result<void> set_record(const RecordLock& wanted, LockWait wait);
  /// The first lock that keeps `wanted` from being set, or one of type unlock.
  RecordLock test_record(const RecordLock& wanted);
  void drop_records_of(LockOwner owner);

  /// flock(2): one lock per open file description.
  Result<void> set_whole(LockOwner owner, LockType type, LockWait wait);
  void drop_whole_of(LockOwner owner);

 private:
  struct Record {
    RecordLock lock;
    lib::ListNode node;
  };
  using Records = lib::List<Record, &Record::node>;
  struct State {
    Records records, wholes;
  };
  static const RecordLock* conflict(const Records& records, const RecordLock& wanted);
  static void carve(Records& records, const RecordLock& hole, Box<Record>& spare);
  static void merge_in(Records& records, Record& added);
  Result<void> set(Records State::* family, const RecordLock& wanted, LockWait wait);
  LockOwner try_set(Records State::* family, const RecordLock& wanted, Box<Record>& record, Box<Record>& spare);
  void drop(Records State::* family, LockOwner owner);

  sync::Guarded<State, sync::Rank::inode> state_;
  sync::WaitQueue released_;
};

}  // namespace k::fs
