/// FileLeases: the leases on one inode, F_SETLEASE of fcntl(2): their holders hear of an open or a truncation that conflicts, and have
/// some time to give the lease back before it is taken.
///
/// Invariants  one lease for each open file description; a write lease is the only one. Whoever opens counts itself at the inode
///             before it looks for leases, and a lease is entered before the counts are looked at: one of the two sees the other.
/// Lock order  Rank::inode; holders are told with it held. Waiting happens without it.
/// Context     task context; break_for may sleep when asked to.
/// Errors      set: AGAIN (opens or leases in the way), INVAL (leases are forbidden), NOMEM. give_back: AGAIN (there is none).
///             break_for: AGAIN, interrupted.
/// Source      fcntl(2), "Leases"; proc_sys_fs(5).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "fs/vfs/inode.h"
#include "kernel/lib/queue.h"
#include "kernel/lib/result.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/wait_queue.h"

namespace k::fs {

class File;

/// F_RDLCK, F_WRLCK, F_UNLCK.
enum class LeaseType : std::uint8_t { read, write, none };

/// Who holds a lease; outlives it.
class LeaseHolder {
 public:
  /// Somebody waits for the lease.
  virtual void lease_wanted() = 0;
  virtual void lease_taken() = 0;
  virtual void lease_ended() = 0;

 protected:
  ~LeaseHolder() = default;
};

class FileLeases {
 public:
  FileLeases() = default;
  ~FileLeases();

  Result<void> set(const File& file, LeaseType type, LeaseHolder& holder);
  Result<void> give_back(const File& file);
  /// What the lease is, or is to become while somebody waits for that.
  LeaseType of(const File& file);
  /// The file is closed.
  void drop_of(const File& file);

  bool empty() const { return count_.load(std::memory_order_seq_cst) == 0; }
  enum class Use : bool { read, write };
  enum class Wait : bool { no, yes };
  /// Makes room for somebody who will use the file so: tells the holders in the way, and waits for them if it may.
  [[gnu::cold]] Result<void> break_for(Use use, Wait wait);

 private:
  struct Lease {
    const File* file;
    LeaseHolder* holder;
    LeaseType type;
    bool must_end = false, must_shrink = false;  // to none, to read
    Deadline ends_at = Deadline::never(), shrinks_at = Deadline::never();
    lib::QueueNode<Lease> node;

    bool conflicts_with(Use use) const { return type == LeaseType::write || use == Use::write; }
    bool is_due() const { return must_end || must_shrink; }
  };
  struct State {
    lib::Queue<Lease, &Lease::node> leases;
    std::uint32_t changes = 0;
  };

  static Lease* find(State& state, const File& file);
  static Result<void> check_others(State& state, const File& file, LeaseType type);
  void change(State& state, Lease& lease, LeaseType type);
  void end_overdue(State& state);
  /// Tells whom it must; the time when the first of them is over, or nothing when nobody is in the way.
  std::optional<Deadline> ask_back(State& state, Use use);

  sync::Guarded<State, sync::Rank::inode> state_;
  std::atomic<std::uint32_t> count_{0};
  sync::WaitQueue changed_;
};

inline Result<void> break_leases(const Inode& inode, FileLeases::Use use, FileLeases::Wait wait) {
  FileLeases* const leases = inode.leases_if_any();
  if (leases == nullptr || leases->empty()) [[likely]]
    return {};
  return leases->break_for(use, wait);
}

/// lease-break-time, in seconds (0 or less: for ever), and leases-enable.
std::atomic<int>& lease_break_time();
std::atomic<int>& leases_enabled();

}  // namespace k::fs
