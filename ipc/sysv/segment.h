/// Segment: System V shared memory; Attachment: one shmat(2) of it.
///
/// Invariants  `attached` counts areas, so a mapping cut in two counts twice, as Linux counts. A segment marked SHM_DEST leaves its
///             table with the last of them. Its memory lives as long as it is in the table or somebody maps it.
/// Lock order  Object::lock; Rank::ipc_ids is taken under Rank::mmap when the last area goes.
/// Context     task context.
/// Errors      NOMEM, NOSPC (the limits on pages and segments), INVAL (size).
/// Source      shmget(2), shmop(2), shmctl(2).
#pragma once

#include "ipc/sysv/namespace.h"
#include "mm/vm/shared_memory.h"

namespace k::ipc::sysv {

using Pid = std::int32_t;

/// Whose call it is, for shm_cpid and shm_lpid; 0 for the kernel's own threads. Set once at boot.
using PidSource = Pid (*)();
void set_pid_source(PidSource source);

/// Bits of the mode that shmctl(2) shows: SHM_DEST and SHM_LOCKED, which UAPI headers lack.
inline constexpr std::uint32_t kDestroyed = 01000, kLocked = 02000;

struct SegmentStatus {
  Permissions permissions;  // mode with SHM_DEST and SHM_LOCKED
  std::uint64_t bytes, resident_pages, attached;
  std::int64_t attach_time, detach_time, change_time;  // seconds since the epoch
  Pid creator, last;
  unsigned sequence;
};

class Segment final : public Object {
 public:
  /// shmget(2). `flags`: IPC_*, SHM_NORESERVE, permission bits.
  static Result<int> get(Namespace& where, Key key, std::uint64_t bytes, lib::Flags flags, const fs::Credentials& who);
  ~Segment() override = default;

  /// A source for one more mapping. IDRM.
  Result<Ref<mm::PageSource>> attach();
  SegmentStatus status();
  /// IPC_RMID: at once, or with the last detach. PERM.
  Result<void> mark_removed(const fs::Credentials& who);
  /// IPC_SET: PERM, INVAL.
  Result<void> change(const fs::Credentials& who, fs::Uid uid, fs::Gid gid, std::uint32_t mode);
  enum class Locked : bool { no, yes };
  void set_locked(Locked locked);

  std::uint64_t bytes() const { return bytes_; }
  Result<void> check(const fs::Credentials& who, unsigned wanted);

 private:
  friend class Attachment;
  template <class T, class... Args>
  friend Result<Ref<T>> lib::make_ref(Args&&... args);
  Segment(Namespace& where, const Permissions& permissions, Ref<mm::SharedMemory> memory, std::uint64_t bytes);
  static Result<Ref<Segment>> create(Namespace& where, Key key, std::uint64_t bytes, lib::Flags flags,
                                     const fs::Credentials& who);
  void area_added();
  void area_removed();
  void closed() override;

  Namespace& where_;
  RefOrNull<mm::SharedMemory> memory_;
  const std::uint64_t bytes_;
  const Pid creator_;
  const Key first_key_;  // a name that IPC_RMID does not take
  // Under `lock`.
  std::uint64_t attached_ = 0;
  std::int64_t attach_time_ = 0, detach_time_ = 0, change_time_;
  Pid last_ = 0;
};

/// /proc/sysvipc/shm and SHM_INFO: pages of all segments, and how many of them are there.
struct SegmentTotals {
  std::uint64_t pages, resident_pages;
};
SegmentTotals segment_totals(Namespace& where);

}  // namespace k::ipc::sysv
