// shmctl.
#include <linux/capability.h>
#include <linux/resource.h>
#include <linux/shm.h>

#include <algorithm>
#include <cstring>

#include "ipc/sysv/segment.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "syscalls/calls_memory.h"

namespace k::sys {
namespace {

using ipc::sysv::Namespace;
using ipc::sysv::Segment;
using ipc::sysv::SegmentStatus;

/// Structures with padding go out as bytes of a zeroed object.
template <class T>
Result<void> write_out(UserAddr to, const T& value) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  return UserOut<std::array<std::byte, sizeof(T)>>{to}.write(bytes);
}

Result<void> write_status(UserAddr to, const SegmentStatus& s) {
  uapi::shmid64_ds d;
  std::memset(&d, 0, sizeof d);
  d.shm_perm.key = s.permissions.key;
  d.shm_perm.uid = s.permissions.uid;
  d.shm_perm.gid = s.permissions.gid;
  d.shm_perm.cuid = s.permissions.cuid;
  d.shm_perm.cgid = s.permissions.cgid;
  d.shm_perm.mode = s.permissions.mode;
  d.shm_perm.seq = static_cast<std::uint16_t>(s.sequence);
  d.shm_segsz = s.bytes;
  d.shm_atime = s.attach_time;
  d.shm_dtime = s.detach_time;
  d.shm_ctime = s.change_time;
  d.shm_cpid = s.creator;
  d.shm_lpid = s.last;
  d.shm_nattch = s.attached;
  return write_out(to, d);
}

/// IPC_INFO. The answer is the highest index in use.
Result<int> tell_limits(Namespace& where, UserAddr to) {
  uapi::shminfo64 info;
  std::memset(&info, 0, sizeof info);
  info.shmmax = where.segment_limits.segment_bytes.load();
  info.shmmin = SHMMIN;
  info.shmmni = info.shmseg = where.segment_limits.segments.load();
  info.shmall = where.segment_limits.pages_in_all.load();
  TRY(write_out(to, info));
  return std::max(where.segments.usage().highest_index, 0);
}

/// SHM_INFO.
Result<int> tell_use(Namespace& where, UserAddr to) {
  const auto usage = where.segments.usage();
  const auto totals = ipc::sysv::segment_totals(where);
  uapi::shm_info info;
  std::memset(&info, 0, sizeof info);
  info.used_ids = static_cast<int>(usage.objects);
  info.shm_tot = totals.pages;
  info.shm_rss = totals.resident_pages;
  TRY(write_out(to, info));
  return std::max(usage.highest_index, 0);
}

Result<int> tell_status(Task& self, Namespace& where, int id, unsigned command, UserAddr to) {
  const bool by_index = command != IPC_STAT;
  auto segment = TRY(by_index ? where.segments.at(static_cast<unsigned>(id)) : where.segments.find(id));
  if (command != SHM_STAT_ANY) TRY(segment->check(self.creds(), ipc::sysv::kMayRead));
  TRY(write_status(to, segment->status()));
  return by_index ? segment->id() : 0;
}

/// The structure is read before the segment is looked for, as semctl and msgctl do.
Result<int> set_status(Task& self, Namespace& where, int id, UserAddr from) {
  const UserIn<uapi::shmid64_ds> pointer{from};
  const uapi::shmid64_ds d = TRY(pointer.read());
  TRY(TRY(where.segments.find(id))->change(self.creds(), d.shm_perm.uid, d.shm_perm.gid, d.shm_perm.mode));
  return 0;
}

/// SHM_LOCK and SHM_UNLOCK: there is no swap, so pages that are there stay anyway; the limit and the mark are what shows.
Result<int> set_lock(Task& self, Segment& segment, Segment::Locked locked) {
  const SegmentStatus s = segment.status();
  if (!self.creds().has(CAP_IPC_LOCK)) {
    const auto euid = self.creds().euid;
    if (euid != s.permissions.uid && euid != s.permissions.cuid) return err(Errno::perm);
    const std::uint64_t limit = self.process().limits.soft(RLIMIT_MEMLOCK);
    if (locked == Segment::Locked::yes && limit == 0) return err(Errno::perm);
    if (locked == Segment::Locked::yes && s.bytes > limit) return err(Errno::nomem);
  }
  segment.set_locked(locked);
  return 0;
}

}  // namespace

Result<int> shmctl(Task& self, int id, unsigned command, UserAddr buffer) {
  constexpr unsigned kIpc64 = 0x100;  // old libcs ask for the structures that x86-64 always has
  command &= ~kIpc64;
  if (id < 0 || static_cast<int>(command) < 0) return err(Errno::inval);
  Namespace& where = ipc::sysv::initial_namespace();
  switch (command) {
    case IPC_INFO:
      return tell_limits(where, buffer);
    case SHM_INFO:
      return tell_use(where, buffer);
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
      return tell_status(self, where, id, command, buffer);
    case IPC_SET:
      return set_status(self, where, id, buffer);
    case IPC_RMID:
      TRY(TRY(where.segments.find(id))->mark_removed(self.creds()));
      return 0;
    case SHM_LOCK:
      return set_lock(self, *TRY(where.segments.find(id)), Segment::Locked::yes);
    case SHM_UNLOCK:
      return set_lock(self, *TRY(where.segments.find(id)), Segment::Locked::no);
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
