#include "syscalls/fs_args.h"

#include <linux/uio.h>

#include "syscalls/signal_args.h"

namespace k::sys {

static_assert(sizeof(mm::IoSegment) == sizeof(uapi::iovec) &&
              offsetof(mm::IoSegment, bytes) == offsetof(uapi::iovec, iov_len));

Result<std::size_t> PathArg::read_long(UserCStr from) {
  long_.reset(new (std::nothrow) char[PATH_MAX]);
  if (!long_) return err(Errno::nomem);
  return from.read({long_.get(), PATH_MAX});
}

fs::WalkPolicy policy_of(Flags at_flags) {
  return {.last_symlink = at_flags.has(AT_SYMLINK_NOFOLLOW) ? fs::LastSymlink::keep : fs::LastSymlink::follow,
          .empty_path = at_flags.has(AT_EMPTY_PATH) ? fs::EmptyPath::base : fs::EmptyPath::refuse};
}

Result<fs::PathRef> find_file(const Task& self, Fd directory, UserCStr path, fs::WalkPolicy policy) {
  PathArg text;
  TRY(text.read(path, policy.empty_path));
  BaseArg base;
  return fs::lookup(context_of(self), TRY(base.resolve(self, directory, text.view())), text.view(), policy);
}

Result<void> VectorArg::read(UserIn<mm::IoSegment> vector, int count, Memory whose) {
  if (count < 0 || count > UIO_MAXIOV) return err(Errno::inval);
  const auto n = static_cast<std::size_t>(count);
  mm::IoSegment* memory = short_;
  if (n > kShort) {
    long_.reset(new (std::nothrow) mm::IoSegment[n]);
    if (!long_) return err(Errno::nomem);
    memory = long_.get();
  }
  segments_ = {memory, n};
  TRY(vector.read_all(segments_));
  std::size_t total = 0;
  for (const mm::IoSegment& s : segments_) {
    if (static_cast<std::int64_t>(s.bytes) < 0) return err(Errno::inval);
  }
  for (mm::IoSegment& s : segments_) {
    if (whose == Memory::own && !is_user_range(UserAddr{s.base}, s.bytes)) return err(Errno::fault);
    s.bytes = std::min(s.bytes, kMaxTransfer - total);
    total += s.bytes;
  }
  return {};
}

IoBuffer VectorArg::buffer() const { return IoBuffer::scattered(segments_); }

fs::IoAt write_request(const Task& self) {
  return {.max_size = std::min<std::uint64_t>(soft_limit(self, RLIMIT_FSIZE), INT64_MAX), .who = &self.creds()};
}

void raise_for_write(Task& self, const Result<std::size_t>& outcome, const fs::IoAt& at) {
  int signal = 0;
  if (at.broken_pipe) signal = SIGPIPE;
  if (!outcome && outcome.error() == Errno::fbig && at.max_size < INT64_MAX) signal = SIGXFSZ;
  // Linux has these come as from the thread itself.
  if (signal != 0) (void)task::send_to_thread(self, signal_from(self, SignalNumber{signal}, SI_USER));
}

}  // namespace k::sys
