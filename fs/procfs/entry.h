/// The tables that /proc is made of.
///
/// Invariants  tables are constant; what varies is the Subject, the process or thread a directory is about.
/// Context     task context.
/// Errors      ESRCH: the subject has ended. ACCES: the reader may not look at it.
/// Source      proc(5).
#pragma once

#include "kernel/abi/stat.h"

#include <span>
#include <string_view>

#include "fs/vfs/fs_context.h"
#include "fs/vfs/path.h"
#include "kernel/lib/format.h"
#include "kernel/task/pid.h"
#include "kernel/task/process.h"

namespace k::fs::proc {

using lib::TextBuffer;
using task::Process;
using task::Task;

/// The process or thread that files below /proc/PID are about; empty for the others.
class Subject {
 public:
  Subject() = default;
  static Subject process(Ref<task::Pid> pid) { return Subject{std::move(pid), false}; }
  static Subject thread(Ref<task::Pid> pid) { return Subject{std::move(pid), true}; }

  bool is_empty() const { return !pid_; }
  bool is_thread() const { return is_thread_; }
  std::int32_t number() const { return pid_->number(); }
  const RefOrNull<task::Pid>& pid() const { return pid_; }
  /// The descriptor that an entry of fd/ is about.
  int detail() const { return detail_; }
  Subject with_detail(int detail) const {
    Subject s = *this;
    s.detail_ = detail;
    return s;
  }
  /// The thread that carries the number has exited, though others of its process may still run.
  bool first_thread_left() const { return pid_ && pid_->task.load(std::memory_order_acquire) == nullptr; }
  /// The running thread is one of the subject's process.
  bool is_caller() const;
  /// The process (of the thread).
  Result<Ref<Process>> process() const;
  /// Calls `visit(const Task&)` for the thread, or for the first thread of the process, under RCU: it must not sleep.
  template <class Visit>
  Result<void> with_task(Visit visit) const {
    const sync::rcu::ReadGuard reading;
    Task* const found = find();
    if (found == nullptr) return err(Errno::srch);
    visit(*found);
    return {};
  }
  /// Null when it has none any more (or never had: the kernel's own).
  RefOrNull<mm::AddressSpace> memory() const;
  /// May the caller look at memory, descriptors and places of the subject? Source: ptrace(2), "Ptrace access mode checking".
  Result<void> check_access() const;

 private:
  Subject(Ref<task::Pid> pid, bool is_thread) : pid_(std::move(pid)), is_thread_(is_thread) {}
  Task* find() const;

  RefOrNull<task::Pid> pid_;
  bool is_thread_ = false;
  int detail_ = -1;
};

/// Prints a file.
using Show = Result<void> (*)(const Subject& subject, TextBuffer& out);
/// Reads or writes a piece of a file that is not text.
using MoveAt = Result<std::size_t> (*)(const Subject& subject, IoBuffer& buffer, std::uint64_t offset);
/// Takes what was written to a file.
using Store = Result<void> (*)(const Subject& subject, std::string_view text);
/// Prints the target of a link. A link with `jump` leads to that place without its text being walked.
using Jump = Result<PathRef> (*)(const Subject& subject);

struct DirectoryTable;

struct Entry {
  std::string_view name;
  std::uint32_t mode;  // type and permissions
  Show show = nullptr;
  Store store = nullptr;
  Jump jump = nullptr;
  const DirectoryTable* directory = nullptr;
  bool is_attribute = false;  // a file of sysfs: shows a page's size, opens only for what it can do
  MoveAt read_at = nullptr;   // instead of `show`
  MoveAt write_at = nullptr;  // instead of `store`
  bool is_guarded = false;    // opens only for who may look at the subject
  std::uint32_t (*mode_of)(const Subject& subject) = nullptr;  // instead of `mode`
  bool is_immutable = false;                                   // the directory of a process or thread
  bool is_own = false;                                         // the subject itself may always enter
};

constexpr Entry file(std::string_view name, Show show) { return {.name = name, .mode = S_IFREG | 0444, .show = show}; }
constexpr Entry private_file(std::string_view name, Show show) {
  return {.name = name, .mode = S_IFREG | 0400, .show = show};
}
/// A command to the kernel: nobody may read it, root neither.
constexpr Entry command_file(std::string_view name, Store store) {
  return {.name = name, .mode = S_IFREG | 0200, .store = store};
}
constexpr Entry writable_file(std::string_view name, Show show, Store store) {
  return {.name = name, .mode = S_IFREG | 0644, .show = show, .store = store};
}
/// A file that tells of the subject's memory. Its functions ask again: a program may have gained rights since it was opened.
constexpr Entry guarded(Entry entry) {
  entry.is_guarded = true;
  return entry;
}
constexpr Entry private_binary_file(std::string_view name, MoveAt read_at, MoveAt write_at = nullptr) {
  const std::uint32_t mode = write_at != nullptr ? 0600 : 0400;
  return {.name = name, .mode = S_IFREG | mode, .read_at = read_at, .write_at = write_at};
}
constexpr Entry link(std::string_view name, Show show) { return {.name = name, .mode = S_IFLNK | 0777, .show = show}; }
constexpr Entry magic_link(std::string_view name, Show show, Jump jump) {
  return {.name = name, .mode = S_IFLNK | 0777, .show = show, .jump = jump};
}
constexpr Entry directory(std::string_view name, const DirectoryTable& table, std::uint32_t permissions = 0555) {
  return {.name = name, .mode = S_IFDIR | permissions, .directory = &table};
}

constexpr Entry immutable(Entry entry) {
  entry.is_immutable = true;
  return entry;
}
constexpr Entry own(Entry entry) {
  entry.is_own = true;
  return entry;
}

/// Numbered entries (processes, threads, descriptors, CPUs) that a directory has besides its table.
struct NumberedEntries {
  /// The smallest number >= `from`, or -1.
  std::int64_t (*next)(const Subject& subject, std::int64_t from);
  /// The subject of entry `number`, which `entry` describes; SRCH when there is none.
  Result<Subject> (*subject)(const Subject& parent, std::int64_t number);
  const Entry* entry;
  std::string_view prefix = {};  // what stands before the number
};

struct DirectoryTable {
  std::span<const Entry> entries;
  const NumberedEntries* numbered = nullptr;
};

extern const DirectoryTable kRootDirectory, kProcessDirectory, kSysDirectory, kSysvIpcDirectory;
// Tables that other files make for /proc/sys.
extern const DirectoryTable kSysMemoryDirectory;

}  // namespace k::fs::proc
