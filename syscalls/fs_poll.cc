// poll, ppoll.
#include <asm/poll.h>
#include <linux/time_types.h>

#include "fs/vfs/poll_wait.h"
#include "syscalls/fs_args.h"
#include "syscalls/fs_wait.h"

namespace k::sys {
namespace {

using sync::PollEvents;
using PollFd = uapi::pollfd;

/// One descriptor of the set, with its file for the length of the call; no file: nothing to wait for.
struct Watched {
  std::optional<fs::FileHandle> file;
  PollEvents wanted;
};

/// The caller's array, and what is known of each member. A few are kept on the stack.
class PollSet {
 public:
  PollSet() {}
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  Result<void> read(const Task& self, UserIn<PollFd> fds, unsigned count);
  /// Fills the answers in; returns how many are not empty.
  int look(fs::PollWait* wait);
  Result<void> write(UserOut<PollFd> fds) const;

 private:
  static constexpr std::size_t kShort = 8;
  static constexpr PollEvents kAlways = PollEvents{sync::PollEvent::err} | sync::PollEvent::hup;

  std::span<PollFd> fds_;
  std::span<Watched> watched_;
  PollFd short_fds_[kShort];
  std::array<Watched, kShort> short_watched_;
  Box<PollFd[]> long_fds_;
  Box<Watched[]> long_watched_;
};

Result<void> PollSet::read(const Task& self, UserIn<PollFd> fds, unsigned count) {
  if (count <= kShort) {
    fds_ = {short_fds_, count};
    watched_ = std::span{short_watched_}.first(count);
  } else {
    long_fds_.reset(new (std::nothrow) PollFd[count]);
    long_watched_.reset(new (std::nothrow) Watched[count]);
    if (!long_fds_ || !long_watched_) return err(Errno::nomem);
    fds_ = {long_fds_.get(), count};
    watched_ = {long_watched_.get(), count};
  }
  TRY(fds.read_all(fds_));
  for (unsigned i = 0; i < count; ++i) {
    watched_[i].wanted = PollEvents::from_bits(static_cast<std::uint16_t>(fds_[i].events)) | kAlways;
    if (fds_[i].fd < 0) continue;
    if (auto file = self.fds().get(fds_[i].fd)) watched_[i].file.emplace(*std::move(file));
  }
  return {};
}

int PollSet::look(fs::PollWait* wait) {
  int ready = 0;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    PollFd& fd = fds_[i];
    fd.revents = 0;
    if (fd.fd < 0) continue;
    if (!watched_[i].file) {
      fd.revents = POLLNVAL;
    } else {
      if (wait != nullptr) wait->want(watched_[i].wanted);
      const PollEvents events = (*watched_[i].file)->poll(ready == 0 ? wait : nullptr) & watched_[i].wanted;
      fd.revents = static_cast<short>(events.bits());
    }
    ready += fd.revents != 0;
  }
  return ready;
}

Result<void> PollSet::write(UserOut<PollFd> fds) const {
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    TRY(UserOut<short>{(fds + i).address() + offsetof(PollFd, revents)}.write(fds_[i].revents));
  }
  return {};
}

Result<int> poll_until(Task& self, UserAddr fds, unsigned count, Deadline deadline) {
  if (count > open_files_limit(self)) return err(Errno::inval);
  PollSet set;
  TRY(set.read(self, UserIn<PollFd>{fds}, count));
  const int ready = TRY(wait_for_ready(deadline, [&](fs::PollWait* wait) { return set.look(wait); }));
  TRY(set.write(UserOut<PollFd>{fds}));
  return ready;
}

Result<std::int64_t> resume_poll(Task& self, task::RestartBlock& block) {
  return poll_until(self, UserAddr{block.words[0]}, static_cast<unsigned>(block.words[1]),
                    Deadline::at(block.words[2]));
}

}  // namespace

Result<int> poll(Task& self, UserAddr fds, unsigned count, int timeout_ms) {
  const Deadline deadline =
      timeout_ms < 0 ? Deadline::never() : Deadline::after(static_cast<std::uint64_t>(timeout_ms) * 1'000'000);
  const auto ready = poll_until(self, fds, count, deadline);
  if (!ready && ready.error() == Errno::interrupted) {
    self.restart_block = {&resume_poll, {fds.value, count, deadline.ns()}};
  }
  return ready;
}

Result<int> ppoll(Task& self, UserAddr fds, unsigned count, UserInOut<uapi::__kernel_timespec> timeout,
                  UserIn<std::uint64_t> mask, std::size_t mask_size) {
  const Deadline deadline = TRY(read_timeout(timeout.in()));
  TRY(block_for_wait(self, mask, mask_size));
  const auto ready = poll_until(self, fds, count, deadline);
  return end_wait(self, ready, timeout, deadline);
}

}  // namespace k::sys
