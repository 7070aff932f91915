// epoll_wait, epoll_pwait, epoll_pwait2.
#include <linux/time_types.h>

#include "arch/include/arch/memory.h"
#include "fs/event/epoll_file.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_wait.h"

namespace k::sys {
namespace {

using fs::event::Epoll;
using fs::event::EpollFile;
using Events = UserOut<uapi::epoll_event>;

/// How long to wait; the clock is read only when there is nothing to give at once.
struct Timeout {
  enum class Kind : std::uint8_t { none, forever, relative } kind;
  std::uint64_t ns = 0;

  static Timeout of_ms(int ms) {
    if (ms < 0) return {Kind::forever};
    return ms == 0 ? Timeout{Kind::none} : Timeout{Kind::relative, static_cast<std::uint64_t>(ms) * 1'000'000};
  }
  Deadline deadline() const { return kind == Kind::forever ? Deadline::never() : Deadline::after(ns); }
};

Result<Timeout> read_epoll_timeout(UserIn<uapi::__kernel_timespec> timeout) {
  if (timeout.is_null()) return Timeout{Timeout::Kind::forever};
  const Deadline deadline = TRY(read_timeout(timeout));
  if (deadline.is_never()) return Timeout{Timeout::Kind::forever};
  const std::uint64_t ns = deadline.remaining_ns();
  return ns == 0 ? Timeout{Timeout::Kind::none} : Timeout{Timeout::Kind::relative, ns};
}

Result<unsigned> take_ready(Epoll& epoll, Events events, unsigned most) {
  if (!epoll.may_be_ready()) return 0u;
  return epoll.take(most, [&](unsigned n, std::uint32_t what, std::uint64_t data) {
    return (events + n).write(uapi::epoll_event{what, data});
  });
}

Result<unsigned> wait_for_events(Task& self, Fd fd, Events events, int most, const Timeout& timeout) {
  constexpr int kMost = INT_MAX / static_cast<int>(sizeof(uapi::epoll_event));
  if (most <= 0 || most > kMost) return err(Errno::inval);
  const auto count = static_cast<unsigned>(most);
  if (events.address().value > arch::kUserEnd - count * sizeof(uapi::epoll_event)) return err(Errno::fault);
  const auto file = TRY(self.fds().get(fd.number));
  auto* const instance = fs::file_cast<EpollFile>(*file);
  if (instance == nullptr) return err(Errno::inval);
  Epoll& epoll = instance->epoll();

  unsigned taken = TRY(take_ready(epoll, events, count));
  if (taken > 0 || timeout.kind == Timeout::Kind::none) return taken;
  const Deadline deadline = timeout.deadline();
  for (;;) {
    const auto woken = epoll.wait(deadline);
    if (!woken && woken.error() != Errno::timedout) return err(woken.error());
    taken = TRY(take_ready(epoll, events, count));
    if (taken > 0 || !woken) return taken;
  }
}

Result<unsigned> with_mask(Task& self, const Result<unsigned>& outcome) {
  if (outcome || outcome.error() != Errno::interrupted) task::unblock_after_call(self);
  return outcome;
}

}  // namespace

Result<unsigned> epoll_wait(Task& self, Fd epoll, Events events, int most, int timeout_ms) {
  return wait_for_events(self, epoll, events, most, Timeout::of_ms(timeout_ms));
}

Result<unsigned> epoll_pwait(Task& self, Fd epoll, Events events, int most, int timeout_ms, UserIn<std::uint64_t> mask,
                             std::size_t mask_size) {
  TRY(block_for_wait(self, mask, mask_size));
  return with_mask(self, wait_for_events(self, epoll, events, most, Timeout::of_ms(timeout_ms)));
}

Result<unsigned> epoll_pwait2(Task& self, Fd epoll, Events events, int most, UserIn<uapi::__kernel_timespec> timeout,
                              UserIn<std::uint64_t> mask, std::size_t mask_size) {
  const Timeout time = TRY(read_epoll_timeout(timeout));
  TRY(block_for_wait(self, mask, mask_size));
  return with_mask(self, wait_for_events(self, epoll, events, most, time));
}

}  // namespace k::sys
