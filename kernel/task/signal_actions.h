/// The signal dispositions of a process: what sigaction(2) sets.
///
/// Invariants  an entry that `custom_` does not name is SIG_DFL without flags and its memory is not read, so fork and exec
///             copy and clear only what a program set. Shared between processes by CLONE_SIGHAND without CLONE_THREAD.
/// Lock order  Process::signals (Rank::sighand) of the process, then the table's own lock when it is shared.
/// Source      sigaction(2), signal(7), execve(2).
#pragma once

#include <cstdint>

#include "kernel/lib/ref.h"
#include "kernel/sync/spin/spin.h"
#include "kernel/task/signal_set.h"
#include "mm/phys/slab.h"

namespace k::task {

/// The kernel's struct sigaction: rt_sigaction(2) copies it as it is.
struct Action {
  std::uint64_t handler = 0;  // 0 SIG_DFL, 1 SIG_IGN
  std::uint64_t flags = 0;    // SA_*
  std::uint64_t restorer = 0;
  std::uint64_t mask = 0;

  bool is_default() const { return handler == 0; }
  bool is_ignore() const { return handler == 1; }
  bool has(unsigned long flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(Action) == 32);

class Actions {
 public:
  Actions() {}
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  /// Into a fresh table.
  void copy_from(const Actions& other);

  Action get(int number) const { return custom_.has(number) ? entries_[number - 1] : Action{}; }
  void set(int number, const Action& action);
  void reset(int number) { set(number, Action{}); }
  /// SIG_IGN, or SIG_DFL where the default is to do nothing.
  bool is_ignored(int number) const { return ignored_.has(number); }
  bool is_caught(int number) const { return custom_.has(number) && entries_[number - 1].handler > 1; }
  bool has_flag(int number, unsigned long flag) const { return custom_.has(number) && entries_[number - 1].has(flag); }
  /// CLONE_CLEAR_SIGHAND: caught signals go back to default, the others stay as they are.
  void flush_caught();
  /// exec: caught signals go back to default; ignored ones stay ignored; flags and masks are cleared.
  void flush_for_exec();

  SignalSet caught() const;
  SignalSet explicitly_ignored() const;

 private:
  SignalSet custom_;
  SignalSet ignored_ = kIgnoredByDefault;
  union {
    Action entries_[kSignals];  // entries not in custom_ are uninitialised
  };
};

/// The table as processes hold it.
struct SharedActions : lib::RefCounted, mm::SlabAllocated<SharedActions> {
  SharedActions() = default;
  Actions actions;
  sync::SpinIrq<sync::Rank::sigactions> lock;
};

/// The dispositions for a scope under Process::signals. That lock is enough while one process uses the table: a second user comes
/// only from clone(2) under the same lock. Otherwise the table's own lock is taken too.
class Dispositions {
 public:
  explicit Dispositions(SharedActions& table) HT_NO_ANALYSIS : table_(table), shared_(table.ref_count() > 1) {
    if (shared_) [[unlikely]]
      table_.lock.lock();
  }
  ~Dispositions() HT_NO_ANALYSIS {
    if (shared_) [[unlikely]]
      table_.lock.unlock();
  }
  Dispositions(const Dispositions&) = delete;
  Dispositions& operator=(const Dispositions&) = delete;
  Actions* operator->() const { return &table_.actions; }
  Actions& operator*() const { return table_.actions; }

 private:
  SharedActions& table_;
  bool shared_;
};

}  // namespace k::task
