#include "kernel/time/sleep.h"

#include "kernel/sync/wait_queue.h"
#include "kernel/time/clock.h"

namespace k::time {
namespace {

Result<void> is_late(const Result<void>& waited) {
  if (waited || waited.error() == Errno::timedout) return {};
  return err(waited.error());
}

}  // namespace

Result<void> sleep_until(Deadline deadline) {
  sync::WaitQueue nobody;
  return is_late(nobody.wait_until([] { return false; }, deadline));
}

Result<void> sleep_until_realtime(std::int64_t ns) {
  for (;;) {
    const std::uint64_t seen = clock_set_count();
    if (realtime_ns() >= ns) return {};
    TRY(is_late(clock_set_waiters().wait_until([&] { return clock_set_count() != seen; }, realtime_deadline(ns))));
  }
}

void sleep_uninterruptible(std::uint64_t ns) {
  sync::WaitQueue nobody;
  (void)nobody.wait_uninterruptible([] { return false; }, Deadline::after(ns));
}

}  // namespace k::time
