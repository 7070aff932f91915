// timerfd_create, timerfd_settime, timerfd_gettime.
#include <linux/capability.h>
#include <linux/timerfd.h>

#include "fs/event/timer_file.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_args.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using fs::event::TimerFile;
using fs::event::TimerSetting;

Result<TimerFile*> timer_behind(const fs::FileHandle& file) {
  auto* const timer = fs::file_cast<TimerFile>(*file);
  if (timer == nullptr) return err(Errno::inval);
  return timer;
}

uapi::__kernel_itimerspec to_user(const TimerSetting& setting) {
  return {timespec_of(setting.interval_ns), timespec_of(setting.value_ns)};
}

}  // namespace

Result<Fd> timerfd_create(Task& self, int clock, Flags flags) {
  if (!flags.only(TFD_CLOEXEC | TFD_NONBLOCK)) return err(Errno::inval);
  switch (clock) {
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
      if (!self.creds().has(CAP_WAKE_ALARM)) return err(Errno::perm);
      break;
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
      break;
    default:
      return err(Errno::inval);
  }
  auto file = TRY(TimerFile::create(clock, Flags{flags.bits() & TFD_NONBLOCK}));
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(flags), TRY(limit_for_new_file(self))))};
}

Result<void> timerfd_settime(Task& self, Fd fd, Flags flags, UserIn<uapi::__kernel_itimerspec> value,
                             UserOut<uapi::__kernel_itimerspec> former) {
  const uapi::__kernel_itimerspec given = TRY(value.read());
  if (!flags.only(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return err(Errno::inval);
  const TimerSetting setting{TRY(to_ns(given.it_value)), TRY(to_ns(given.it_interval))};
  const auto file = TRY(self.fds().get(fd.number));
  const TimerSetting before = TRY(timer_behind(file))->set(setting, flags);
  return former.is_null() ? Result<void>{} : former.write(to_user(before));
}

Result<void> timerfd_gettime(Task& self, Fd fd, UserOut<uapi::__kernel_itimerspec> value) {
  const auto file = TRY(self.fds().get(fd.number));
  return value.write(to_user(TRY(timer_behind(file))->get()));
}

}  // namespace k::sys
