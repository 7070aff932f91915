/// Treap<T, Traits>: an intrusive, ordered, augmented tree; expected O(log n) for every operation.
///
/// Invariants  in key order by Traits::less (equal keys: later insertions to the right), in heap order by random node
///             priorities, which keep it balanced in expectation whatever the key sequence. After every change
///             Traits::update(node) has been called, bottom-up, on each node whose subtree changed. Empty is all zeros, as
///             in kernel/lib/queue.h. The smallest node is cached.
/// Context     any; the owner locks.
/// Source      Seidel and Aragon, "Randomized Search Trees", 1996.
#pragma once

#include <cstdint>

#include "kernel/lib/assert.h"

namespace k::lib {

template <class T>
struct TreapNode {
  T *left = nullptr, *right = nullptr, *parent = nullptr;
  std::uint32_t priority = 0;
};

/// Traits: node(T&) -> TreapNode<T>&; less(const T&, const T&) -> bool; update(T&) recomputes the node's augmentation.
template <class T, class Traits>
class Treap {
 public:
  constexpr Treap() = default;
  Treap(const Treap&) = delete;
  Treap& operator=(const Treap&) = delete;

  bool empty() const { return root_ == nullptr; }
  T* root() const { return root_; }
  T* first() const { return first_; }
  static T* left(const T& t) { return node(t).left; }
  static T* right(const T& t) { return node(t).right; }
  static T* next(const T& t) {
    if (T* n = node(t).right) {
      while (node(*n).left != nullptr) n = node(*n).left;
      return n;
    }
    const T* child = &t;
    T* parent = node(t).parent;
    while (parent != nullptr && node(*parent).right == child) child = parent, parent = node(*parent).parent;
    return parent;
  }

  void insert(T& item) {
    T** link = &root_;
    T* parent = nullptr;
    bool smallest = true;
    while (*link != nullptr) {
      parent = *link;
      const bool go_left = Traits::less(item, *parent);
      smallest &= go_left;
      link = go_left ? &node(*parent).left : &node(*parent).right;
    }
    *link = &item;
    node(item) = {nullptr, nullptr, parent, random()};
    if (smallest) first_ = &item;
    Traits::update(item);
    while (node(item).parent != nullptr && node(*node(item).parent).priority < node(item).priority) rotate_up(item);
    update_upwards(node(item).parent);
  }

  void erase(T& item) {
    TreapNode<T>& n = node(item);
    if (first_ == &item) first_ = next(item);
    while (n.left != nullptr && n.right != nullptr)
      rotate_up(node(*n.left).priority > node(*n.right).priority ? *n.left : *n.right);
    T* const child = n.left != nullptr ? n.left : n.right;
    T* const parent = n.parent;
    replace_child(parent, item, child);
    n = {};
    update_upwards(parent);
  }

 private:
  static TreapNode<T>& node(T& t) { return Traits::node(t); }
  static const TreapNode<T>& node(const T& t) { return Traits::node(const_cast<T&>(t)); }

  /// Xorshift; balance needs no better.
  std::uint32_t random() {
    seed_ ^= seed_ << 13;
    seed_ ^= seed_ >> 17;
    seed_ ^= seed_ << 5;
    return seed_;
  }
  void replace_child(T* parent, T& old, T* with) {
    (parent == nullptr ? root_ : node(*parent).left == &old ? node(*parent).left : node(*parent).right) = with;
    if (with != nullptr) node(*with).parent = parent;
  }
  /// Makes `child` the parent of its parent.
  void rotate_up(T& child) {
    T& parent = *node(child).parent;
    T* const grandparent = node(parent).parent;
    const bool is_left = node(parent).left == &child;
    T*& inner = is_left ? node(child).right : node(child).left;
    (is_left ? node(parent).left : node(parent).right) = inner;
    if (inner != nullptr) node(*inner).parent = &parent;
    replace_child(grandparent, parent, &child);
    inner = &parent;
    node(parent).parent = &child;
    Traits::update(parent);
    Traits::update(child);
  }
  static void update_upwards(T* from) {
    for (; from != nullptr; from = node(*from).parent) Traits::update(*from);
  }

  T *root_ = nullptr, *first_ = nullptr;
  std::uint32_t seed_ = 0x9e3779b9;
};

}  // namespace k::lib
