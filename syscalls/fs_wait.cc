#include "syscalls/fs_wait.h"

namespace k::sys {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kMaxSeconds = INT64_MAX / kNsPerSecond;

}  // namespace

Result<Deadline> read_timeout(UserIn<uapi::__kernel_timespec> timeout) {
  if (timeout.is_null()) return Deadline::never();
  const uapi::__kernel_timespec t = TRY(timeout.read());
  if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= kNsPerSecond) return err(Errno::inval);
  if (t.tv_sec >= kMaxSeconds) return Deadline::never();
  return Deadline::after(static_cast<std::uint64_t>(t.tv_sec * kNsPerSecond + t.tv_nsec));
}

Result<void> block_for_wait(Task& self, UserIn<std::uint64_t> mask, std::size_t size) {
  if (mask.is_null()) return {};
  if (size != sizeof(std::uint64_t)) return err(Errno::inval);
  task::block_during_call(self, task::SignalSet{TRY(mask.read())});
  return {};
}

/// A timeout that cannot be written back is left alone, as Linux leaves it.
Result<int> end_wait(Task& self, Result<int> outcome, UserInOut<uapi::__kernel_timespec> timeout, Deadline deadline) {
  if (outcome || outcome.error() != Errno::interrupted) task::unblock_after_call(self);
  if (!timeout.in().is_null() && !deadline.is_never()) {
    const auto left = static_cast<std::int64_t>(deadline.remaining_ns());
    (void)timeout.out().write({left / kNsPerSecond, left % kNsPerSecond});
  }
  return outcome;
}

}  // namespace k::sys
