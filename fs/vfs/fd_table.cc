// Looking descriptors up, opening and closing them. Growing and copying are in fd_table_copy.cc.
#include "fs/vfs/fd_table.h"

#include "fs/vfs/file_lock.h"
#include "fs/vfs/inode_marks.h"

namespace k::fs {

/// Excludes the other owners. A table with one owner needs no lock: nobody else changes it, and those who only look
/// (procfs) do so under RCU.
class FdTable::Change {
 public:
  explicit Change(const FdTable& table) HT_NO_ANALYSIS : table_(table), locked_(table.is_shared()) {
    if (locked_) [[unlikely]]
      table_.lock_.lock();
  }
  ~Change() HT_NO_ANALYSIS {
    if (locked_) [[unlikely]]
      table_.lock_.unlock();
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  const FdTable& table_;
  bool locked_;
};

Result<FileHandle> FdTable::get_shared(unsigned fd) const {
  RefOrNull<File> file = file_at(static_cast<int>(fd));
  if (!file) return err(Errno::badf);
  return FileHandle{file.leak(), true};
}

RefOrNull<File> FdTable::file_at(int fd) const {
  const auto number = static_cast<unsigned>(fd);
  sync::rcu::ReadGuard guard;
  const Slots& table = slots();
  if (number >= table.capacity) return nullptr;
  File* const file = table.files[number].load(std::memory_order_acquire);
  return file != nullptr && file->try_ref() ? RefOrNull<File>::adopt(file) : nullptr;
}

int FdTable::next_open(int from) const {
  sync::rcu::ReadGuard guard;
  const Slots& table = slots();
  for (unsigned fd = table.first_taken(static_cast<unsigned>(from)); fd < table.capacity;
       fd = table.first_taken(fd + 1)) {
    if (table.files[fd].load(std::memory_order_relaxed) != nullptr) return static_cast<int>(fd);
  }
  return -1;
}

Result<FdTable::Slot> FdTable::reserve(std::uint64_t limit, int minimum) {
  Change change{*this};
  const auto lowest = static_cast<unsigned>(minimum);
  const unsigned fd = slots().first_free(std::max(lowest, first_free_));
  if (fd >= limit) return err(Errno::mfile);
  if (fd >= slots().capacity) [[unlikely]]
    TRY(grow(fd));
  slots().take(fd);
  if (lowest <= first_free_) first_free_ = fd + 1;
  return Slot{this, static_cast<int>(fd)};
}

void FdTable::unreserve(int fd) {
  Change change{*this};
  const auto number = static_cast<unsigned>(fd);
  slots().give(number);
  first_free_ = std::min(first_free_, number);
}

int FdTable::Slot::publish(Ref<File> file, FdFlag flag) && {
  FdTable& table = *std::exchange(table_, nullptr);
  Change change{table};
  Slots& slots = table.slots();
  if (flag == FdFlag::cloexec) slots.set_cloexec(static_cast<unsigned>(number_), flag);
  slots.files[number_].store(file.leak(), std::memory_order_release);
  return number_;
}

Result<int> FdTable::install(Ref<File> file, FdFlag flag, std::uint64_t limit) {
  return TRY(reserve(limit)).publish(std::move(file), flag);
}

RefOrNull<File> FdTable::take_out(unsigned fd) {
  Slots& table = slots();
  File* const file = table.files[fd].exchange(nullptr, std::memory_order_acq_rel);
  if (file == nullptr) return nullptr;
  table.give(fd);
  first_free_ = std::min(first_free_, fd);
  return RefOrNull<File>::adopt(file);
}

/// Closing any descriptor of a file drops this table's record locks on it, and its F_NOTIFY. Source: fcntl(2).
/// Setting F_NOTIFY makes the locks' object too, so that one test finds both.
void FdTable::close_file(RefOrNull<File> file) {
  if (file->hears_closing()) [[unlikely]]
    file->descriptor_closed();
  Inode& inode = file->inode();
  FileLocks* const locks = inode.file_locks_if_any();
  if (locks == nullptr) [[likely]]
    return;
  locks->drop_records_of(this);
  if (InodeMarks* const marks = inode.marks_if_any()) marks->remove_those_of(*this, *file);
}

Result<void> FdTable::close(int fd) {
  const auto number = static_cast<unsigned>(fd);
  RefOrNull<File> file;
  {
    Change change{*this};
    if (number >= slots().capacity) return err(Errno::badf);
    file = take_out(number);
  }
  if (!file) return err(Errno::badf);
  close_file(std::move(file));
  return {};
}

void FdTable::close_range(unsigned first, unsigned last) {
  for (unsigned fd = first; fd <= last; ++fd) {
    RefOrNull<File> file;
    {
      Change change{*this};
      fd = slots().first_taken(fd);
      if (fd > last || fd >= slots().capacity) return;
      file = take_out(fd);
    }
    if (file) close_file(std::move(file));
  }
}

void FdTable::set_close_on_exec_range(unsigned first, unsigned last) {
  Change change{*this};
  Slots& table = slots();
  for (unsigned fd = table.first_taken(first); fd <= last && fd < table.capacity; fd = table.first_taken(fd + 1)) {
    table.set_cloexec(fd, FdFlag::cloexec);
  }
}

void FdTable::close_on_exec() {
  for (unsigned fd = 0;; ++fd) {
    RefOrNull<File> file;
    {
      Change change{*this};
      Slots& table = slots();
      while (fd < table.capacity && !table.is_cloexec(fd)) fd += table.cloexec[fd / 64] == 0 ? 64 - fd % 64 : 1;
      if (fd >= table.capacity) return;
      file = take_out(fd);
    }
    if (file) close_file(std::move(file));
  }
}

Result<int> FdTable::duplicate_to(int from, int to, FdFlag flag, std::uint64_t limit) {
  const auto number = static_cast<unsigned>(to);
  Ref<File> file = TRY(get_any(from)).share();
  if (number >= limit) return err(Errno::badf);
  RefOrNull<File> replaced;
  {
    Change change{*this};
    if (number >= slots().capacity) TRY(grow(number));
    Slots& table = slots();
    File* const there = table.files[number].load(std::memory_order_relaxed);
    if (there == nullptr && table.is_taken(number)) return err(Errno::busy);  // reserved by another thread's open
    table.take(number);
    table.set_cloexec(number, flag);
    replaced = RefOrNull<File>::adopt(table.files[number].exchange(file.leak(), std::memory_order_acq_rel));
  }
  if (replaced) close_file(std::move(replaced));
  return to;
}

Result<FdFlag> FdTable::flag(int fd) const {
  TRY(get_any(fd));
  Change change{*this};
  return slots().is_cloexec(static_cast<unsigned>(fd)) ? FdFlag::cloexec : FdFlag::none;
}

Result<void> FdTable::set_flag(int fd, FdFlag flag) {
  TRY(get_any(fd));
  Change change{*this};
  slots().set_cloexec(static_cast<unsigned>(fd), flag);
  return {};
}

}  // namespace k::fs
