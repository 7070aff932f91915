// open, openat, openat2, creat, close, close_range.
#include <linux/close_range.h>
#include <linux/openat2.h>

#include "fs/vfs/open.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr unsigned kOpenFlags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |
                                FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |
                                O_PATH | O_TMPFILE;

Result<Fd> open_at(Task& self, Fd directory, UserCStr path, const fs::OpenHow& how) {
  TRY(fs::check_open_flags(how.flags));
  PathArg text;
  TRY(text.read(path));
  BaseArg base;
  const fs::WalkBase start = TRY(base.resolve(self, directory, text.view()));
  auto slot = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  auto file = TRY(fs::open(context_of(self), start, text.view(), how));
  return Fd{std::move(slot).publish(std::move(file), cloexec_flag(how.flags))};
}

/// Unknown bits are ignored, O_LARGEFILE is implied. Source: open(2), openat2(2).
fs::OpenHow how_of(Flags flags, FileMode mode) {
  return {.flags = Flags{flags.bits() & kOpenFlags}.with(O_LARGEFILE), .mode = mode.bits & 07777};
}

}  // namespace

Result<Fd> open(Task& self, UserCStr path, Flags flags, FileMode mode) {
  return open_at(self, Fd{AT_FDCWD}, path, how_of(flags, mode));
}

Result<Fd> openat(Task& self, Fd directory, UserCStr path, Flags flags, FileMode mode) {
  return open_at(self, directory, path, how_of(flags, mode));
}

Result<Fd> creat(Task& self, UserCStr path, FileMode mode) {
  return open_at(self, Fd{AT_FDCWD}, path, how_of(Flags{O_CREAT | O_WRONLY | O_TRUNC}, mode));
}

namespace {

/// openat2 refuses what open ignores. Source: openat2(2), ERRORS.
Result<fs::OpenHow> checked(const uapi::open_how& how) {
  constexpr unsigned kResolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |
                                RESOLVE_IN_ROOT | RESOLVE_CACHED;
  if ((how.flags & ~std::uint64_t{kOpenFlags}) != 0 || (how.resolve & ~std::uint64_t{kResolve}) != 0)
    return err(Errno::inval);
  const Flags flags{static_cast<unsigned>(how.flags)};
  const Flags resolve{static_cast<unsigned>(how.resolve)};
  if (resolve.has(RESOLVE_BENEATH | RESOLVE_IN_ROOT)) return err(Errno::inval);
  const bool creates = flags.has(O_CREAT) || flags.any(O_TMPFILE & ~O_DIRECTORY);
  if (creates ? (how.mode & ~std::uint64_t{07777}) != 0 : how.mode != 0) return err(Errno::inval);
  if (flags.has(O_PATH) && !flags.only(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) return err(Errno::inval);
  if (resolve.has(RESOLVE_CACHED) && (creates || flags.has(O_TRUNC))) return err(Errno::again);
  return fs::OpenHow{.flags = flags, .mode = static_cast<std::uint32_t>(how.mode), .resolve = resolve.bits()};
}

}  // namespace

Result<Fd> openat2(Task& self, Fd directory, UserCStr path, UserAddr how_at, std::size_t size) {
  if (size < sizeof(uapi::open_how)) return err(Errno::inval);
  if (size > kPageSize) return err(Errno::toobig);
  const uapi::open_how how = TRY(UserIn<uapi::open_how>{how_at}.read());
  for (std::size_t i = sizeof(uapi::open_how); i < size; ++i) {
    if (TRY(UserIn<std::uint8_t>{how_at + i}.read()) != 0) return err(Errno::toobig);
  }
  return open_at(self, directory, path, TRY(checked(how)));
}

Result<void> close(Task& self, Fd fd) { return self.fds().close(fd.number); }

Result<void> close_range(Task& self, unsigned first, unsigned last, Flags flags) {
  if (!flags.only(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last) return err(Errno::inval);
  if (flags.has(CLOSE_RANGE_UNSHARE) && self.fds().ref_count() > 1) {
    const bool keep_all = flags.has(CLOSE_RANGE_CLOEXEC);
    auto own = TRY(keep_all ? self.fds().copy() : self.fds().copy_without(first, last));
    self.set_fds(std::move(own));
  }
  if (flags.has(CLOSE_RANGE_CLOEXEC)) {
    self.fds().set_close_on_exec_range(first, last);
  } else {
    self.fds().close_range(first, last);
  }
  return {};
}

}  // namespace k::sys
