/// Which epoll instance watches which.
///
/// Invariants  no instance watches itself, directly or through others, and no chain has more than kMostNesting edges: so the polls
///             and wake-ups that follow the edges end, on a bounded stack. Every change of an edge holds the lock.
/// Lock order  g_epoll_graph (Rank::epoll_graph) before any instance's lock.
/// Context     task context.
/// Errors      check: LOOP.
/// Source      epoll_ctl(2), ELOOP.
#pragma once

#include "kernel/lib/queue.h"
#include "kernel/lib/result.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/spin/guarded.h"

namespace k::fs::event {

class Epoll;
struct EpollNode;

struct EpollEdge {
  EpollEdge(EpollNode& from, EpollNode& to);
  ~EpollEdge();
  EpollEdge(const EpollEdge&) = delete;
  EpollEdge& operator=(const EpollEdge&) = delete;

  EpollNode &watching, &watched;
  lib::QueueNode<EpollEdge> down, up;
};

/// An instance's place in the graph; under g_epoll_graph.
struct EpollNode {
  explicit EpollNode(Epoll& e) : epoll(e) {}
  Epoll& epoll;
  lib::Queue<EpollEdge, &EpollEdge::down> watches;
  lib::Queue<EpollEdge, &EpollEdge::up> watched_by;
  std::uint64_t visit = 0;  // the check that computed `levels`
  unsigned levels = 0;
};

inline constexpr unsigned kMostNesting = 4;

using EpollGraphLock = sync::Mutex<sync::Rank::epoll_graph>;
extern EpollGraphLock g_epoll_graph;

/// Holds the graph for a scope, if edges may change in it.
class EpollGraphHeld {
 public:
  explicit EpollGraphHeld(bool needed) HT_NO_ANALYSIS : held_(needed) {
    if (held_) [[unlikely]]
      g_epoll_graph.lock();
  }
  ~EpollGraphHeld() HT_NO_ANALYSIS {
    if (held_) [[unlikely]]
      g_epoll_graph.unlock();
  }
  EpollGraphHeld(const EpollGraphHeld&) = delete;
  EpollGraphHeld& operator=(const EpollGraphHeld&) = delete;

 private:
  bool held_;
};

/// Whether `from` may watch `to`. Under the lock.
Result<void> check_edge(EpollNode& from, EpollNode& to);

}  // namespace k::fs::event
