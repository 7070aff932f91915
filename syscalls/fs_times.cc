// utimensat, futimesat, utimes, utime.
#include <linux/time_types.h>
#include <linux/utime.h>
#include "kernel/abi/stat.h"

#include "fs/vfs/notify.h"
#include "fs/vfs/operations.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr long kNow = (1L << 30) - 1, kOmit = (1L << 30) - 2;  // UTIME_NOW, UTIME_OMIT: utimensat(2)
constexpr long kNsPerSecond = 1'000'000'000, kUsPerSecond = 1'000'000;

using Times = std::array<uapi::__kernel_timespec, 2>;
using MicroTimes = std::array<uapi::__kernel_old_timeval, 2>;

Result<std::optional<fs::Timestamp>> one_time(const uapi::__kernel_timespec& t, fs::Timestamp now) {
  if (t.tv_nsec == kOmit) return std::optional<fs::Timestamp>{};
  if (t.tv_nsec == kNow) return std::optional{now};
  if (t.tv_nsec < 0 || t.tv_nsec >= kNsPerSecond) return err(Errno::inval);
  return std::optional{fs::Timestamp::of(t.tv_sec, static_cast<std::uint32_t>(t.tv_nsec))};
}

fs::TimesChange both_now() {
  const fs::Timestamp now = fs::Timestamp::now();
  return {now, now, true};
}

Result<fs::TimesChange> change_of(const Times& times) {
  const fs::Timestamp now = fs::Timestamp::now();
  fs::TimesChange change{TRY(one_time(times[0], now)), TRY(one_time(times[1], now)), false};
  change.both_now = times[0].tv_nsec == kNow && times[1].tv_nsec == kNow;
  return change;
}

Result<fs::TimesChange> change_of(UserIn<MicroTimes> times) {
  if (times.is_null()) return both_now();
  const MicroTimes t = TRY(times.read());
  for (const auto& one : t) {
    if (one.tv_usec < 0 || one.tv_usec >= kUsPerSecond) return err(Errno::inval);
  }
  return change_of(Times{{{t[0].tv_sec, t[0].tv_usec * 1000}, {t[1].tv_sec, t[1].tv_usec * 1000}}});
}

/// Source: inotify(7) does not say; Linux takes a change of one time for what usually makes it.
std::uint32_t event_of(const fs::TimesChange& change) {
  if (change.accessed && change.modified) return IN_ATTRIB;
  return change.accessed ? IN_ACCESS : IN_MODIFY;
}

/// `times` that are no times are refused once there is a file to set them on.
Result<void> set_by_descriptor(Task& self, Fd fd, const Result<fs::TimesChange>& times) {
  const auto file = TRY(self.fds().get(fd.number));
  const fs::TimesChange change = TRY(times);
  TRY(fs::change_times(file->mount(), file->inode(), self.creds(), change));
  fs::notify_file(file->dentry(), event_of(change));
  return {};
}

Result<void> set_by_path(Task& self, Fd directory, UserCStr path, const Result<fs::TimesChange>& times,
                         fs::WalkPolicy policy) {
  const fs::PathRef found = TRY(find_file(self, directory, path, policy));
  const fs::TimesChange change = TRY(times);
  TRY(fs::change_times(&found.mount(), found.inode(), self.creds(), change));
  fs::notify_file(found.dentry(), event_of(change));
  return {};
}

}  // namespace

/// A null path means the descriptor itself.
Result<void> utimensat(Task& self, Fd directory, UserCStr path, UserIn<Times> times, Flags flags) {
  const Result<fs::TimesChange> change = times.is_null() ? both_now() : change_of(TRY(times.read()));
  if (change && !change->accessed && !change->modified) return {};
  if (!flags.only(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return err(Errno::inval);
  if (path.is_null() && directory.number != AT_FDCWD) {
    if (flags.bits() != 0) return err(Errno::inval);
    return set_by_descriptor(self, directory, change);
  }
  return set_by_path(self, directory, path, change, policy_of(flags));
}

Result<void> futimesat(Task& self, Fd directory, UserCStr path, UserIn<MicroTimes> times) {
  const fs::TimesChange change = TRY(change_of(times));
  if (path.is_null() && directory.number != AT_FDCWD) return set_by_descriptor(self, directory, change);
  return set_by_path(self, directory, path, change, {});
}

Result<void> utimes(Task& self, UserCStr path, UserIn<MicroTimes> times) {
  return set_by_path(self, Fd{AT_FDCWD}, path, TRY(change_of(times)), {});
}

Result<void> utime(Task& self, UserCStr path, UserIn<uapi::utimbuf> times) {
  if (times.is_null()) return set_by_path(self, Fd{AT_FDCWD}, path, both_now(), {});
  const uapi::utimbuf t = TRY(times.read());
  const fs::TimesChange change{fs::Timestamp::of(t.actime, 0), fs::Timestamp::of(t.modtime, 0), false};
  return set_by_path(self, Fd{AT_FDCWD}, path, change, {});
}

}  // namespace k::sys
