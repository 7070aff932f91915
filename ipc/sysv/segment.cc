#include "ipc/sysv/segment.h"

#include <linux/shm.h>

#include "ipc/sysv/attachment.h"
#include "kernel/time/clock.h"
#include "mm/vm/huge_pool.h"

namespace k::ipc::sysv {
namespace {

constinit PidSource g_pid_source = nullptr;

Pid caller() { return g_pid_source != nullptr ? g_pid_source() : 0; }

std::int64_t now_seconds() { return time::realtime_ns() / 1'000'000'000; }

}  // namespace

void set_pid_source(PidSource source) { g_pid_source = source; }

Segment::Segment(Namespace& where, const Permissions& permissions, Ref<mm::SharedMemory> memory, std::uint64_t bytes)
    : Object(permissions),
      where_(where),
      memory_(std::move(memory)),
      bytes_(bytes),
      creator_(caller()),
      first_key_(permissions.key),
      change_time_(now_seconds()) {}

Result<Ref<Segment>> Segment::create(Namespace& where, Key key, std::uint64_t bytes, lib::Flags flags,
                                     const fs::Credentials& who) {
  if (bytes < SHMMIN || bytes > where.segment_limits.segment_bytes.load()) return err(Errno::inval);
  const std::uint64_t pages = lib::pages_for(bytes);
  if (pages << lib::kPageShift < bytes) return err(Errno::nospc);
  const std::uint64_t before = where.segment_pages.fetch_add(pages);
  const auto make = [&]() -> Result<Ref<Segment>> {
    if (before + pages > where.segment_limits.pages_in_all.load()) return err(Errno::nospc);
    const auto charge = flags.has(SHM_NORESERVE) ? mm::SharedMemory::Charge::no : mm::SharedMemory::Charge::yes;
    auto memory = TRY(mm::SharedMemory::create(bytes, charge));
    return lib::make_ref<Segment>(where, Permissions::of_creator(who, key, flags.bits()), std::move(memory), bytes);
  };
  auto made = make();
  if (!made) where.segment_pages.fetch_sub(pages);
  return made;
}

Result<int> Segment::get(Namespace& where, Key key, std::uint64_t bytes, lib::Flags flags, const fs::Credentials& who) {
  const auto accept = [&](const Segment& there) -> Result<void> {
    if (bytes > there.bytes_) return err(Errno::inval);
    return {};
  };
  const auto make = [&]() -> Result<Ref<Segment>> {
    if (flags.has(SHM_HUGETLB))
      return err(mm::has_huge_pool(flags.bits() >> SHM_HUGE_SHIFT) ? Errno::nomem : Errno::inval);
    return create(where, key, bytes, flags, who);
  };
  return where.segments.get(key, flags, who, where.segment_limits.segments.load(), make, accept);
}

/// The memory goes now, not a grace period later.
void Segment::closed() {
  where_.segment_pages.fetch_sub(lib::pages_for(bytes_));
  memory_.reset();
}

Result<Ref<mm::PageSource>> Segment::attach() {
  {
    sync::LockHeld held{lock};
    if (removed) return err(Errno::idrm);
  }
  return Ref<mm::PageSource>{TRY(lib::make_ref<Attachment>(Ref<Segment>::share(*this)))};
}

Result<void> Segment::check(const fs::Credentials& who, unsigned wanted) {
  sync::LockHeld held{lock};
  if (removed) return err(Errno::idrm);
  return may_access(permissions, who, wanted);
}

SegmentStatus Segment::status() {
  sync::LockHeld held{lock};
  return {.permissions = permissions,
          .bytes = bytes_,
          .resident_pages = memory_->resident_pages(),
          .attached = attached_,
          .attach_time = attach_time_,
          .detach_time = detach_time_,
          .change_time = change_time_,
          .creator = creator_,
          .last = last_,
          .sequence = sequence()};
}

Result<void> Segment::mark_removed(const fs::Credentials& who) {
  bool unused = false;
  {
    sync::LockHeld held{lock};
    if (removed) return err(Errno::idrm);
    TRY(may_control(permissions, who));
    permissions.mode |= kDestroyed;
    unused = attached_ == 0;
  }
  if (unused) return where_.segments.remove(*this);
  where_.segments.make_private(*this);
  return {};
}

Result<void> Segment::change(const fs::Credentials& who, fs::Uid uid, fs::Gid gid, std::uint32_t mode) {
  sync::LockHeld held{lock};
  if (removed) return err(Errno::idrm);
  TRY(may_control(permissions, who));
  TRY(set_owner(permissions, uid, gid, mode));
  change_time_ = now_seconds();
  return {};
}

void Segment::set_locked(Locked locked) {
  sync::LockHeld held{lock};
  permissions.mode = locked == Locked::yes ? permissions.mode | kLocked : permissions.mode & ~kLocked;
}

void Segment::area_added() {
  sync::LockHeld held{lock};
  ++attached_;
  attach_time_ = now_seconds();
  last_ = caller();
}

void Segment::area_removed() {
  bool last_of_doomed = false;
  {
    sync::LockHeld held{lock};
    --attached_;
    detach_time_ = now_seconds();
    last_ = caller();
    last_of_doomed = attached_ == 0 && (permissions.mode & kDestroyed) != 0;
  }
  // Attached again meanwhile, or removed by somebody else: that one's memory lives as long as it is mapped.
  if (last_of_doomed) (void)where_.segments.remove(*this);
}

SegmentTotals segment_totals(Namespace& where) {
  SegmentTotals totals{.pages = where.segment_pages.load(), .resident_pages = 0};
  unsigned index = 0;
  while (auto segment = where.segments.next(index)) {
    totals.resident_pages += segment->status().resident_pages;
    index = (static_cast<unsigned>(segment->id()) & (IdTable::kMaxObjects - 1)) + 1;
  }
  return totals;
}

}  // namespace k::ipc::sysv
