/// File: an open file description.
///
/// Invariants  access mode and place are fixed at open; status flags (O_APPEND, O_NONBLOCK ...) may change. The position is
///             moved under the position lock, which is taken only when the description is shared. A File is also the page
///             source of its mappings, so a mapping keeps it (and its mount) alive.
/// Lock order  Rank::file_position above everything a read or write takes.
/// Context     task context, may sleep.
/// Errors      each operation's man page; the defaults answer what Linux answers for a type without the operation.
/// Source      open(2), read(2), lseek(2), ioctl(2).
#pragma once

#include <atomic>
#include <cstdint>

#include <linux/fcntl.h>

#include "fs/vfs/directory_node.h"
#include "fs/vfs/file_watch.h"
#include "fs/vfs/path.h"
#include "kernel/lib/flags.h"
#include "kernel/lib/format.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/poll.h"
#include "mm/user/io_buffer.h"
#include "mm/vm/page_source.h"

namespace k::fs {

class AsyncNotices;
struct LookupContext;

/// Where and how one transfer happens. `write` sets `offset` to where it began, which O_APPEND decides, and `broken_pipe` when
/// nobody reads any more, also if some bytes went out before.
struct IoAt {
  std::uint64_t offset = 0;
  bool blocking = true;
  bool append = false, broken_pipe = false;
  std::uint64_t max_size = INT64_MAX;  // RLIMIT_FSIZE: EFBIG beyond
  const Credentials* who = nullptr;    // whose write it is, for the set-user-ID bits; null: the kernel's
};

/// Names a class of files with system calls of their own (epoll_ctl, timerfd_settime ...); see file_cast().
struct FileClass {
  std::string_view name;
};

/// The lists of an object that an O_ASYNC file enters: one, or one for reading and one for writing.
struct AsyncPlaces {
  AsyncNotices* first = nullptr;
  AsyncNotices* second = nullptr;
  bool has_default_owner = false;  // the group, or the caller when it is 0, unless somebody was named
  std::int32_t default_group = 0;
};

enum class Whence : unsigned { set = 0, current = 1, end = 2, data = 3, hole = 4 };

class File : public mm::PageSource, private sync::rcu::Head {
 public:
  ~File() override;

  // The object: what a type of file can do.
  virtual Result<std::size_t> read(IoBuffer& to, IoAt& at);
  virtual Result<std::size_t> write(IoBuffer& from, IoAt& at);
  virtual sync::PollEvents poll(sync::PollTable* table);
  /// Whether epoll takes it: no for files that never make a caller wait.
  virtual bool can_poll() const { return true; }
  virtual const FileClass* file_class() const { return nullptr; }
  virtual Result<long> ioctl(unsigned command, IoctlArg argument);
  virtual Result<std::uint64_t> seek(std::int64_t offset, Whence whence);
  /// Gives entries from `position` on, and moves it behind the last one taken.
  virtual Result<void> read_directory(std::uint64_t& position, DirectorySink& sink);
  virtual Result<void> sync();
  /// The page source of an mmap; NODEV when the type cannot be mapped.
  virtual Result<Ref<mm::PageSource>> page_source();
  /// fcntl(F_GETPIPE_SZ, F_SETPIPE_SZ): BADF for anything but a pipe.
  virtual Result<std::size_t> buffer_capacity() { return err(Errno::badf); }
  virtual Result<std::size_t> set_buffer_capacity(std::size_t) { return err(Errno::badf); }
  /// What an ioctl opens: TIOCGPTPEER a master's slave, NS_GET_USERNS a namespace's owner. NOTTY for who has no such command.
  virtual Result<Ref<File>> open_related(unsigned /*command*/, lib::Flags) { return err(Errno::notty); }
  /// What /proc/PID/fd shows for a file without a place, e.g. "pipe:[12]". Returns the length; 0: it has a path.
  virtual std::size_t describe_anonymous(std::span<char>) const { return 0; }
  /// A descriptor of it was closed, one of perhaps several; only told to who asked by hear_closing().
  virtual void descriptor_closed() {}
  /// None for a file that tells nobody: then O_ASYNC is not kept.
  virtual AsyncPlaces async_places() { return {}; }
  /// The lines of /proc/PID/fdinfo/FD that only this type of file has.
  virtual void show_info(lib::TextBuffer&) const {}

  // mm::PageSource: for files that can be mapped.
  Result<mm::Frame*> get_page(std::uint64_t index, mm::Write write) override;
  std::size_t get_cached_pages(std::uint64_t first, std::span<mm::Frame*> out) override;
  std::uint64_t bytes() const override;
  void name(mm::SourceName& out) const override;

  // What every open file description has.
  Inode& inode() const { return *inode_; }
  /// Null for a file without a place in a tree (epoll).
  Mount* mount() const { return mount_.get(); }
  Dentry* dentry() const { return dentry_.get(); }
  PathView path() const { return {mount_.get(), dentry_.get()}; }
  bool readable() const { return (mode_ & kRead) != 0; }
  bool writable() const { return (mode_ & kWrite) != 0; }
  bool seekable() const { return (mode_ & kSeek) != 0; }
  /// pwrite(2): SPIPE without, also where pread(2) works.
  virtual bool takes_writes_at_offsets() const { return seekable(); }
  bool has_position() const { return (mode_ & kPosition) != 0; }
  /// The path, or what stands for one; returns its length, 0 when `out` is too small.
  std::size_t describe(std::span<char> out) const;
  bool is_path_only() const { return (mode_ & kPathOnly) != 0; }  // O_PATH
  bool hears_closing() const { return (mode_ & kHearsClosing) != 0; }
  lib::Flags flags() const { return lib::Flags{flags_.load(std::memory_order_relaxed)}; }
  bool nonblocking() const { return flags().has(O_NONBLOCK); }
  void set_status_flags(lib::Flags flags);
  /// O_ASYNC alone; who changes it also enters or leaves the lists.
  void set_async_flag(bool on);
  std::uint64_t position() const { return position_.load(std::memory_order_relaxed); }
  void set_position(std::uint64_t p) { position_.store(p, std::memory_order_relaxed); }

  /// read(2), write(2): at the position, moving it. BADF without the access mode.
  Result<std::size_t> read_next(IoBuffer& to);
  Result<std::size_t> write_next(IoBuffer& from, IoAt& at);
  Result<std::size_t> write_next(IoBuffer& from, IoAt&& at) { return write_next(from, at); }
  /// pread(2), pwrite(2): SPIPE when not seekable.
  Result<std::size_t> read_at(IoBuffer& to, std::uint64_t offset);
  Result<std::size_t> write_at(IoBuffer& from, IoAt& at);
  Result<std::size_t> write_at(IoBuffer& from, IoAt&& at) { return write_at(from, at); }
  /// getdents64(2): NOTDIR when it is none.
  Result<void> read_entries(DirectorySink& sink);
  /// lseek(2).
  Result<std::uint64_t> move_position(std::int64_t offset, Whence whence);

  FileWatches& watches() { return watches_; }
  void on_last_ref() override;

 protected:
  /// none: ESPIPE for lseek and pread. ignored: both work, and the offset means nothing (/dev/zero).
  enum class Position : std::uint16_t { none = 0, ignored = 4, kept = 4 | 16 };
  /// An open file in the tree.
  File(const PathRef& path, lib::Flags flags, Position position, mm::SourceMappings* mappings = nullptr);
  /// One without a place (epoll).
  File(Ref<Inode> inode, lib::Flags flags);

  /// The last reference is gone; task context. The memory goes a grace period later.
  virtual void closed() {}
  /// For constructors.
  void hear_closing() { mode_ |= kHearsClosing; }
  static Result<std::uint64_t> seek_within(std::int64_t offset, Whence whence, std::uint64_t position,
                                           std::uint64_t size);

 private:
  static constexpr std::uint16_t kRead = 1, kWrite = 2, kSeek = 4, kPathOnly = 8, kPosition = 16, kHearsClosing = 32;
  class PositionHeld;
  static std::uint16_t mode_of(lib::Flags flags);
  static void free_after_grace(sync::rcu::Head* head);

  RefOrNull<Inode> inode_;
  RefOrNull<Dentry> dentry_;
  RefOrNull<Mount> mount_;
  std::atomic<unsigned> flags_;
  std::uint16_t mode_;
  std::atomic<std::uint64_t> position_{0};
  FileWatches watches_;
  sync::Mutex<sync::Rank::file_position> position_lock_;
};

/// `file` as a T, if it is one. T::kClass is its FileClass.
template <class T>
T* file_cast(File& file) {
  return file.file_class() == &T::kClass ? static_cast<T*>(&file) : nullptr;
}

}  // namespace k::fs
