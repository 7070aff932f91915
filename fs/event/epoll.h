/// Epoll: an interest list and the entries of it that may be ready.
///
/// Invariants  an event pushes its entry on `arrivals_`, a lock-free stack that only grows until somebody takes it whole: one exchange
///             and one compare-and-swap, no lock, no allocation, whatever the list's size. An entry stands there at most once.
///             Those who take (under the lock) move it to `ready_` in order of arrival and ask each file what it has; an
///             entry that has nothing leaves, a level-triggered one that had something stays at the end. Entries that are not
///             ready are never looked at. Nothing is lost: an entry's `arrived` is cleared, by a read-modify-write, before
///             the file is asked, so an event that found it set is seen by that asking.
///             An entry keeps no reference to its file: the file's last release takes it out (fs/vfs/file_watch.h).
/// Lock order  Rank::epoll_graph (changes of edges between instances) > Rank::epoll, a watching instance before the watched one >
///             what File::poll and user memory take. Wake-ups go from the watched to the watching instance.
/// Context     task context; note_event(): any but NMI, under a wait queue's lock.
/// Errors      add: EXIST, LOOP, NOMEM; modify: NOENT, INVAL (EPOLLEXCLUSIVE); remove: NOENT. What can be said without the list
///             (PERM, EBADF, bits of EPOLLEXCLUSIVE) the system call says.
/// Source      epoll(7), epoll_ctl(2), epoll_wait(2).
#pragma once

#include "fs/event/epoll_graph.h"
#include "fs/event/epoll_table.h"
#include "kernel/sync/guarded.h"

namespace k::fs::event {

class Epoll final : public FileWatcher {
 public:
  static Result<Ref<Epoll>> create() { return make_ref<Epoll>(); }

  Result<void> add(File& file, int fd, const EpollInterest& interest);
  Result<void> modify(File& file, int fd, const EpollInterest& interest);
  Result<void> remove(File& file, int fd);
  void forget(File& file) override;
  /// The instance's own file is gone.
  void close();

  /// Cheap and without a lock: false means that nothing is ready.
  bool may_be_ready() const {
    return arrivals_.load(std::memory_order_relaxed) != nullptr || ready_count_.load(std::memory_order_relaxed) != 0;
  }
  /// Gives up to `most` ready entries to `put(n, events, data) -> Result<void>`; returns how many. An entry that put() refuses stays
  /// ready; its error is returned when it was the first.
  template <class Put>
  Result<unsigned> take(unsigned most, Put put);
  /// Sleeps until may_be_ready(). interrupted, timedout.
  Result<void> wait(Deadline deadline) {
    return waiting_.wait_until([this] { return may_be_ready(); }, deadline);
  }
  sync::PollEvents poll(sync::PollTable* table);

  /// An event of `item`'s file. True when somebody who waits was woken for it.
  bool note_event(EpollItem& item);
  template <class Visit>
  void for_each_item(Visit visit) {
    sync::LockHeld held{lock_};
    table_.for_each(visit);
  }

  EpollNode node{*this};

 private:
  class HookTable;

  void collect_arrivals() HT_REQUIRES(lock_);
  enum class At : bool { front, back };
  void list(EpollItem& item, At end) HT_REQUIRES(lock_);
  EpollItem& unlist_first() HT_REQUIRES(lock_);
  /// True when it was not listed and is ready.
  bool list_if_ready(EpollItem& item, std::uint32_t events) HT_REQUIRES(lock_);
  /// Takes the entry out of everything but the table, and frees it.
  void discard(EpollItem& item) HT_REQUIRES(lock_);
  Result<void> insert(File& file, int fd, const EpollInterest& interest, Epoll* nested);
  bool wake();

  mutable sync::Mutex<sync::Rank::epoll> lock_;
  EpollTable table_ HT_GUARDED_BY(lock_);
  lib::Queue<EpollItem, &EpollItem::ready_node> ready_ HT_GUARDED_BY(lock_);
  std::atomic<unsigned> ready_count_{0};  // written under the lock
  std::atomic<EpollItem*> arrivals_{nullptr};
  sync::WaitQueue waiting_;   // threads in epoll_wait
  sync::WaitQueue watchers_;  // those who poll this instance
};

template <class Put>
Result<unsigned> Epoll::take(unsigned most, Put put) {
  Result<unsigned> given{0u};
  bool rest;
  {
    sync::LockHeld held{lock_};
    collect_arrivals();
    for (unsigned left = ready_count_.load(std::memory_order_relaxed); left > 0 && *given < most; --left) {
      EpollItem& item = unlist_first();
      const std::uint32_t events = item.ready_events();
      if (events == 0) continue;
      if (const Result<void> done = put(*given, events, item.data); !done) {
        list(item, At::front);
        if (*given == 0) given = err(done.error());
        break;
      }
      ++*given;
      if (item.has(EPOLLONESHOT)) {
        item.wanted.store(0, std::memory_order_relaxed);
      } else if (!item.has(EPOLLET)) {
        list(item, At::back);
      }
    }
    rest = ready_count_.load(std::memory_order_relaxed) != 0;
  }
  if (rest) waiting_.wake_one(sync::kReadable);
  return given;
}

}  // namespace k::fs::event
