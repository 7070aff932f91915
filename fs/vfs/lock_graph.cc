#include "fs/vfs/lock_graph.h"

#include "kernel/sync/spin/guarded.h"

namespace k::fs {

struct LockEdge::Graph {
  struct Edges {
    lib::List<LockEdge, &LockEdge::node_> list;

    const void* holder_of(const void* waiter) const {
      for (const LockEdge& edge : list) {
        if (edge.waiter_ == waiter) return edge.holder_;
      }
      return nullptr;
    }
  };
  sync::SpinGuarded<Edges, sync::Rank::inode> edges;
};

LockEdge::Graph& LockEdge::graph() {
  [[clang::no_destroy]] static Graph instance;
  return instance;
}

LockEdge::LockEdge(const void* waiter) : waiter_(waiter) {
  sync::Locked { graph().edges } -> list.push_back(*this);
}

LockEdge::~LockEdge() {
  sync::Locked edges{graph().edges};
  edges->list.erase(edges->list.iterator_to(*this));
}

bool LockEdge::wait_for(const void* holder) {
  constexpr unsigned kMaxChain = 64;  // a longer chain of waits is not searched
  sync::Locked edges{graph().edges};
  const void* next = holder;
  for (unsigned i = 0; i < kMaxChain && next != nullptr; ++i) {
    if (next == waiter_) return false;
    next = edges->holder_of(next);
  }
  holder_ = holder;
  return true;
}

}  // namespace k::fs
