#include "fs/event/epoll_graph.h"

#include <algorithm>

namespace k::fs::event {

constinit EpollGraphLock g_epoll_graph;

namespace {

constinit std::uint64_t last_visit = 0;  // under g_epoll_graph

// Each instance is looked at once a check, however many ways lead to it; the recursion is as deep as chains may be.

unsigned levels_below(EpollNode& node) {
  if (node.visit == last_visit) return node.levels;
  unsigned levels = 0;
  for (EpollEdge* e = node.watches.front(); e != nullptr; e = node.watches.next(*e))
    levels = std::max(levels, 1 + levels_below(e->watched));
  node.visit = last_visit;
  return node.levels = levels;
}

unsigned levels_above(EpollNode& node) {
  if (node.visit == last_visit) return node.levels;
  unsigned levels = 0;
  for (EpollEdge* e = node.watched_by.front(); e != nullptr; e = node.watched_by.next(*e))
    levels = std::max(levels, 1 + levels_above(e->watching));
  node.visit = last_visit;
  return node.levels = levels;
}

}  // namespace

EpollEdge::EpollEdge(EpollNode& from, EpollNode& to) : watching(from), watched(to) {
  from.watches.push_back(*this);
  to.watched_by.push_back(*this);
}

EpollEdge::~EpollEdge() {
  watching.watches.erase(*this);
  watched.watched_by.erase(*this);
}

Result<void> check_edge(EpollNode& from, EpollNode& to) {
  ++last_visit;
  const unsigned below = levels_below(to);
  if (from.visit == last_visit) return err(Errno::loop);  // reached from `to`
  ++last_visit;
  if (levels_above(from) + 1 + below > kMostNesting) return err(Errno::loop);
  return {};
}

}  // namespace k::fs::event
