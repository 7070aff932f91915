/// Arguments that the file-system calls share: paths, the directories that relative paths start at, transfer sizes.
///
/// Context     task context.
/// Errors      FAULT, NAMETOOLONG, NOMEM (path); BADF (directory descriptor); INVAL (uapi::iovec).
/// Source      path_resolution(7), open(2) "Rationale for openat()", readv(2).
#pragma once

#include <linux/fcntl.h>
#include <linux/limits.h>

#include <algorithm>
#include <optional>

#include "fs/vfs/object_count.h"
#include "fs/vfs/path_walk.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "kernel/task/task.h"
#include "syscalls/calls_fs.h"

namespace k::sys {

/// The most that one read or write moves. Source: read(2), NOTES.
inline constexpr std::size_t kMaxTransfer = 0x7ffff000;

inline fs::LookupContext context_of(const Task& self) { return {self.fs_context(), self.creds()}; }
inline std::uint64_t soft_limit(const Task& self, unsigned resource) { return self.process().limits.soft(resource); }
inline std::uint64_t open_files_limit(const Task& self) { return soft_limit(self, RLIMIT_NOFILE); }
/// Where the numbers of descriptors end for a file that is opened now; NFILE when the system has too many.
inline Result<std::uint64_t> limit_for_new_file(const Task& self) {
  TRY(fs::check_room_for_file(self.creds()));
  return open_files_limit(self);
}
inline fs::FdFlag cloexec_flag(Flags flags) { return flags.has(O_CLOEXEC) ? fs::FdFlag::cloexec : fs::FdFlag::none; }

/// A path copied from user memory: short ones stay on the stack.
class PathArg {
 public:
  PathArg() {}  // the text is filled by read()
  PathArg(const PathArg&) = delete;
  PathArg& operator=(const PathArg&) = delete;

  /// An empty path is NOENT before anything else is looked at, unless the call gives it a meaning.
  Result<void> read(UserCStr from, fs::EmptyPath empty = fs::EmptyPath::refuse) {
    auto length = from.read(short_);
    if (!length && length.error() == Errno::nametoolong) [[unlikely]]
      length = read_long(from);
    view_ = {long_ ? long_.get() : short_, TRY(length)};
    if (view_.empty() && empty == fs::EmptyPath::refuse) return err(Errno::noent);
    return {};
  }
  std::string_view view() const { return view_; }

 private:
  static constexpr std::size_t kShort = 128;
  Result<std::size_t> read_long(UserCStr from);

  std::string_view view_;
  char short_[kShort];
  Box<char[]> long_;
};

/// Where a relative path starts. Holds the directory for the length of the call.
class BaseArg {
 public:
  /// An absolute path does not look at `directory` at all.
  Result<fs::WalkBase> resolve(const Task& self, Fd directory, std::string_view path) {
    if (directory.number == AT_FDCWD || path.starts_with('/')) return fs::WalkBase::cwd();
    handle_.emplace(TRY(self.fds().get_any(directory.number)));
    return fs::WalkBase{(*handle_)->path()};
  }

 private:
  std::optional<fs::FileHandle> handle_;
};

/// The file behind (directory, path, AT_* flags), by reference.
Result<fs::PathRef> find_file(const Task& self, Fd directory, UserCStr path, fs::WalkPolicy policy);
/// LOOKUP policy of AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH.
fs::WalkPolicy policy_of(Flags at_flags);

/// The pieces of readv(2) and writev(2), copied from user memory.
class VectorArg {
 public:
  VectorArg() {}
  VectorArg(const VectorArg&) = delete;
  VectorArg& operator=(const VectorArg&) = delete;
  /// Pieces of the caller's own memory are refused as a whole when one cannot be user memory: FAULT.
  enum class Memory : bool { own, of_another };
  Result<void> read(UserIn<mm::IoSegment> vector, int count, Memory memory = Memory::own);
  IoBuffer buffer() const;
  std::span<const mm::IoSegment> segments() const { return segments_; }

 private:
  static constexpr std::size_t kShort = 8;
  std::span<mm::IoSegment> segments_;
  mm::IoSegment short_[kShort];
  Box<mm::IoSegment[]> long_;
};

/// What a write is told of its caller.
fs::IoAt write_request(const Task& self);
/// The signals that come with some ends of writing: SIGPIPE when nobody reads, SIGXFSZ with EFBIG beyond RLIMIT_FSIZE.
[[gnu::cold]] void raise_for_write(Task& self, const Result<std::size_t>& outcome, const fs::IoAt& at);
inline Result<std::size_t> with_signals(Task& self, const fs::IoAt& at, Result<std::size_t> outcome) {
  if (!outcome || at.broken_pipe) [[unlikely]]
    raise_for_write(self, outcome, at);
  return outcome;
}

/// Did a transfer fail before it got to the file's own operation? Such calls are not counted.
inline bool was_refused(const Result<std::size_t>& moved) {
  return !moved && (moved.error() == Errno::badf || moved.error() == Errno::spipe);
}
/// Notes a call in what /proc/PID/io tells.
inline Result<std::size_t> counted_read(Task& self, Result<std::size_t> moved) {
  if (!was_refused(moved)) self.io.count_read(moved.value_or(0));
  return moved;
}
inline Result<std::size_t> counted_write(Task& self, Result<std::size_t> moved) {
  if (!was_refused(moved)) self.io.count_write(moved.value_or(0));
  return moved;
}

}  // namespace k::sys
