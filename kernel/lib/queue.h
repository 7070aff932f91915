/// Queue<T, &T::node>: an intrusive doubly linked list that needs no run-time construction.
///
/// Invariants  empty is all zeros: usable in constinit and per-CPU variables, which are copied byte by byte before use (lib::List
///             points to itself and is not). A node is in at most one queue.
/// Context     any; the owner locks.
#pragma once

#include "kernel/lib/assert.h"

namespace k::lib {

template <class T>
struct QueueNode {
  T *next = nullptr, *previous = nullptr;
};

template <class T, QueueNode<T> T::* Node>
class Queue {
 public:
  constexpr Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  bool empty() const { return first_ == nullptr; }
  T* front() const { return first_; }
  static T* next(const T& item) { return (item.*Node).next; }

  void push_back(T& item) {
    HT_ASSERT(&item != last_ && (item.*Node).next == nullptr);
    (item.*Node) = {nullptr, last_};
    (last_ != nullptr ? (last_->*Node).next : first_) = &item;
    last_ = &item;
  }
  void push_front(T& item) {
    (item.*Node) = {first_, nullptr};
    (first_ != nullptr ? (first_->*Node).previous : last_) = &item;
    first_ = &item;
  }
  /// Before `position`, a member; null appends.
  void insert_before(T* position, T& item) {
    if (position == nullptr) return push_back(item);
    if (position == first_) return push_front(item);
    T* const before = (position->*Node).previous;
    (item.*Node) = {position, before};
    (before->*Node).next = (position->*Node).previous = &item;
  }
  void erase(T& item) {
    QueueNode<T>& n = item.*Node;
    HT_ASSERT(n.previous != nullptr || first_ == &item);
    (n.previous != nullptr ? (n.previous->*Node).next : first_) = n.next;
    (n.next != nullptr ? (n.next->*Node).previous : last_) = n.previous;
    n = {};
  }
  T* pop_front() {
    T* const item = first_;
    if (item != nullptr) erase(*item);
    return item;
  }

 private:
  T *first_ = nullptr, *last_ = nullptr;
};

}  // namespace k::lib
