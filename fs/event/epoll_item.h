/// EpollItem: one entry of an interest list: an open file description under a descriptor number.
///
/// Invariants  its hooks sit in the wait queues that File::poll named when it was added, and run note(): they look at `wanted` and
///             link the item into the instance's arrivals, without a lock. Everything but `wanted`, `arrived` and
///             `next_arrival` is fixed or under the instance's lock.
/// Lock order  Epoll's.
/// Context     hooks: any but NMI, under the wait queue's lock. The rest: task context.
/// Errors      hook: NOMEM.
#pragma once

#include <linux/eventpoll.h>

#include "fs/vfs/file.h"
#include "kernel/lib/alloc.h"
#include "kernel/sync/wait_queue.h"
#include "mm/phys/slab.h"

namespace k::fs::event {

class Epoll;
struct EpollEdge;

/// What epoll_ctl asks for: EPOLL* bits and the caller's word.
struct EpollInterest {
  std::uint32_t events = 0;
  std::uint64_t data = 0;
};

/// The bits of `events` that say how, not what for.
inline constexpr std::uint32_t kEpollModes = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;

struct EpollItem : FileWatch, mm::SlabAllocated<EpollItem> {
  EpollItem(Epoll& o, File& f, int n, const EpollInterest& interest);
  ~EpollItem();

  bool has(std::uint32_t mode) const { return (modes & mode) != 0; }
  void set(const EpollInterest& interest);
  /// What the file has now of what is wanted.
  std::uint32_t ready_events() { return file.poll(nullptr).bits() & wanted.load(std::memory_order_relaxed); }
  Result<void> hook(sync::WaitQueue& queue);
  void unhook();

  Epoll& owner;
  File& file;
  int fd;
  std::uint32_t modes = 0;
  std::uint64_t data = 0;
  std::atomic<std::uint32_t> wanted{0};  // 0: disabled by EPOLLONESHOT
  std::atomic<bool> arrived{false};      // among the arrivals
  bool listed = false;                   // in the ready list
  EpollItem* next_arrival = nullptr;
  lib::QueueNode<EpollItem> ready_node;
  EpollItem* next_in_bucket = nullptr;
  EpollEdge* edge = nullptr;  // the file is an epoll instance

 private:
  struct Hook : sync::Waiter {
    Hook(EpollItem& i, Kind kind) : Waiter(&Hook::called, sync::kAnyEvent, kind), item(i) {}
    static bool called(Waiter& self, sync::PollEvents events);
    EpollItem& item;
    Hook* next = nullptr;
  };
  static Hook::Kind kind_for(const EpollInterest& interest);

  Hook first_;
  Hook* more_ = nullptr;
  bool hooked_ = false;  // `first_` is in use
};

}  // namespace k::fs::event
