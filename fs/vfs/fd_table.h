/// FdTable: the file descriptors of a process, or of several that share them (CLONE_FILES).
///
/// Invariants  the lowest free number is given. A reserved number is not usable until published. While the table has one
///             owner, get() borrows the File without counting: nobody else can close it during the call. Otherwise get()
///             takes a reference under RCU. Only owners change the table; others (procfs) may look through file_at().
/// Lock order  Rank::fd_table, taken only when the table is shared; files are released outside it.
/// Context     task context.
/// Errors      BADF, MFILE (the limit), NOMEM.
/// Source      open(2), dup(2), close_range(2), fcntl(2).
#pragma once

#include <atomic>
#include <cstdint>

#include "fs/vfs/file.h"

namespace k::fs {

/// Numbers end here whatever RLIMIT_NOFILE says: nr_open of proc_sys_fs(5).
std::atomic<unsigned>& most_descriptors();

enum class FdFlag : bool { none, cloexec };

/// A File for the length of one call: borrowed, or counted when the table is shared.
class FileHandle {
 public:
  FileHandle(FileHandle&& o) noexcept : file_(o.file_), counted_(std::exchange(o.counted_, false)) {}
  FileHandle& operator=(FileHandle&&) = delete;
  ~FileHandle() {
    if (counted_) [[unlikely]]
      lib::release(file_);
  }
  File* operator->() const { return file_; }
  File& operator*() const { return *file_; }
  Ref<File> share() const { return Ref<File>::share(*file_); }

 private:
  friend class FdTable;
  FileHandle(File* file, bool counted) : file_(file), counted_(counted) {}
  File* file_;
  bool counted_;
};

class FdTable : public lib::RefCounted {
 public:
  static Result<Ref<FdTable>> create();
  ~FdTable();
  /// For fork: the same files under the same numbers.
  Result<Ref<FdTable>> copy() const;

  /// BADF for a number that is not open, and for an O_PATH descriptor, which only get_any() gives.
  Result<FileHandle> get(int fd) const;
  Result<FileHandle> get_any(int fd) const;

  /// A number that is taken but not open yet; dropped, it becomes free again.
  class Slot {
   public:
    Slot(Slot&& o) noexcept : table_(std::exchange(o.table_, nullptr)), number_(o.number_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (table_ != nullptr) table_->unreserve(number_);
    }
    int number() const { return number_; }
    /// Opens the number; the reservation is used up.
    int publish(Ref<File> file, FdFlag flag) &&;

   private:
    friend class FdTable;
    Slot(FdTable* table, int number) : table_(table), number_(number) {}
    FdTable* table_;
    int number_;
  };
  /// The lowest free number >= minimum and < limit (RLIMIT_NOFILE).
  Result<Slot> reserve(std::uint64_t limit, int minimum = 0);
  Result<int> install(Ref<File> file, FdFlag flag, std::uint64_t limit);

  Result<void> close(int fd);
  /// Closes what is open in [first, last].
  void close_range(unsigned first, unsigned last);
  void set_close_on_exec_range(unsigned first, unsigned last);
  /// dup2, dup3: `to` becomes a duplicate of `from`, closing what was there. from != to.
  Result<int> duplicate_to(int from, int to, FdFlag flag, std::uint64_t limit);
  Result<FdFlag> flag(int fd) const;
  Result<void> set_flag(int fd, FdFlag flag);
  /// execve(2): closes the descriptors marked close-on-exec.
  void close_on_exec();
  /// The last owner is exiting: closes everything.
  void close_all() { close_range(0, ~0u); }
  /// A table with the descriptors outside [first, last], for close_range(CLOSE_RANGE_UNSHARE).
  Result<Ref<FdTable>> copy_without(unsigned first, unsigned last) const;

  /// For procfs and others that do not own the table.
  RefOrNull<File> file_at(int fd) const;
  /// The lowest open number >= from, or -1.
  int next_open(int from) const;
  /// No number from here on is open.
  unsigned capacity() const;

 private:
  struct Slots;
  class Change;
  explicit FdTable(Slots* slots) : slots_(slots) {}
  Slots& slots() const { return *slots_.load(std::memory_order_acquire); }
  Result<FileHandle> get_shared(unsigned fd) const;
  Result<void> grow(unsigned fd);
  RefOrNull<File> take_out(unsigned fd);
  void close_file(RefOrNull<File> file);
  void unreserve(int fd);
  bool is_shared() const { return ref_count() != 1; }

  std::atomic<Slots*> slots_;
  unsigned first_free_ = 0;  // no number below is free
  mutable sync::Mutex<sync::Rank::fd_table> lock_;
};

}  // namespace k::fs

#include "fs/vfs/fd_slots.h"
