#include "fs/vfs/page_cache.h"

#include <algorithm>
#include <cstddef>

#include "kernel/lib/assert.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/slab.h"

namespace k::fs {
namespace {

constexpr std::size_t kFanout = 64;
/// Below the alignment of a Frame: a frame pointer has height 0.
constexpr std::uintptr_t kHeightMask = 31;
static_assert(sizeof(mm::Frame) % (kHeightMask + 1) == 0);

/// Drops the cache's reference once no look-up can still be about to take one. The frame's owner words, which the cache does
/// not need any more, carry the callback.
void put_after_grace(mm::Frame& frame) {
  static_assert(sizeof(sync::rcu::Head) <= sizeof frame.owner);
  auto* head = new (&frame.owner) sync::rcu::Head;
  sync::rcu::call(*head, [](sync::rcu::Head* done) {
    mm::put_frame(*reinterpret_cast<mm::Frame*>(reinterpret_cast<char*>(done) - offsetof(mm::Frame, owner)));
  });
}

constexpr std::size_t child_index(std::uint64_t index, unsigned height) {
  return index >> (6 * (height - 1)) & (kFanout - 1);
}
/// Whether a tree of `height` has a place for `index`.
constexpr bool covers(unsigned height, std::uint64_t index) { return height >= 11 || index >> (6 * height) == 0; }

}  // namespace

struct alignas(64) PageCache::Node : mm::SlabAllocated<PageCache::Node>, sync::rcu::Head {
  std::atomic<void*> slots[kFanout] = {};
  unsigned used = 0;

  static Node* from(void* tagged) {
    return reinterpret_cast<Node*>(reinterpret_cast<std::uintptr_t>(tagged) & ~kHeightMask);
  }
  void* tagged(unsigned height) { return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(this) | height); }
  void free_later() {
    sync::rcu::call(*this, [](sync::rcu::Head* head) { delete static_cast<Node*>(head); });
  }
};

unsigned PageCache::height_of(const void* tagged) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(tagged) & kHeightMask);
}

PageCache::~PageCache() {
  HT_ASSERT(resident() == 0);
  prune();
}

/// Frees nodes that hold no frame: an insertion that ran out of memory half-way leaves some.
void PageCache::prune() {
  for (void* root; (root = root_.load(std::memory_order_relaxed)) != nullptr;) {
    std::atomic<void*>* slot = &root_;
    Node* node = Node::from(root);
    for (unsigned level = height_of(root); level > 1; --level) {
      const auto child =
          std::ranges::find_if(node->slots, [](auto& s) { return s.load(std::memory_order_relaxed) != nullptr; });
      if (child == std::end(node->slots)) break;
      slot = child;
      node = static_cast<Node*>(child->load(std::memory_order_relaxed));
    }
    slot->store(nullptr, std::memory_order_relaxed);
    delete node;
  }
}

/// Where the frame of `index` is or would be; null when the tree does not reach there. The slot may be the root itself.
std::atomic<void*>* PageCache::slot_of(std::uint64_t index) const {
  auto* slot = const_cast<std::atomic<void*>*>(&root_);
  void* tagged = slot->load(std::memory_order_acquire);
  unsigned height = height_of(tagged);
  if (tagged == nullptr || !covers(height, index)) return nullptr;
  for (; height > 0; --height) {
    slot = &Node::from(tagged)->slots[child_index(index, height)];
    if (height == 1) break;
    tagged = slot->load(std::memory_order_acquire);
    if (tagged == nullptr) return nullptr;
  }
  return slot;
}

mm::Frame* PageCache::find(std::uint64_t index) const {
  sync::rcu::ReadGuard guard;
  for (;;) {
    std::atomic<void*>* const slot = slot_of(index);
    if (slot == nullptr) return nullptr;
    void* const found = slot->load(std::memory_order_acquire);
    if (found == nullptr) return nullptr;
    if (height_of(found) != 0) [[unlikely]]
      continue;  // the root grew meanwhile
    auto* const frame = static_cast<mm::Frame*>(found);
    frame->ref();
    return frame;
  }
}

/// Neighbours stand in one leaf: the tree is walked once for up to 64 of them.
std::size_t PageCache::find_range(std::uint64_t first, std::span<mm::Frame*> out) const {
  sync::rcu::ReadGuard guard;
  std::size_t present = 0;
  while (!out.empty()) {
    const std::atomic<void*>* const slots = slot_of(first);
    const std::size_t in_leaf = slots == &root_ ? 1 : kFanout - first % kFanout;
    const std::size_t n = std::min(in_leaf, out.size());
    for (std::size_t i = 0; i < n; ++i) {
      void* const found = slots == nullptr ? nullptr : slots[i].load(std::memory_order_acquire);
      out[i] = height_of(found) == 0 ? static_cast<mm::Frame*>(found) : nullptr;
      if (out[i] == nullptr) continue;
      out[i]->ref();
      ++present;
    }
    out = out.subspan(n);
    first += n;
  }
  return present;
}

/// Adds levels on top until the tree covers `index`.
Result<void> PageCache::grow_for(std::uint64_t index) {
  for (;;) {
    void* const root = root_.load(std::memory_order_relaxed);
    const unsigned height = height_of(root);
    if (covers(height, index)) return {};
    auto* node = new (std::nothrow) Node;
    if (node == nullptr) return err(Errno::nomem);
    if (root != nullptr) {
      node->slots[0].store(height == 0 ? root : Node::from(root), std::memory_order_relaxed);
      node->used = 1;
    }
    root_.store(node->tagged(height + 1), std::memory_order_release);
  }
}

Result<std::atomic<void*>*> PageCache::make_slot(std::uint64_t index) {
  TRY(grow_for(index));
  void* const root = root_.load(std::memory_order_relaxed);
  unsigned height = height_of(root);
  if (height == 0) return &root_;
  Node* node = Node::from(root);
  for (; height > 1; --height) {
    auto& slot = node->slots[child_index(index, height)];
    auto* child = static_cast<Node*>(slot.load(std::memory_order_relaxed));
    if (child == nullptr) {
      child = new (std::nothrow) Node;
      if (child == nullptr) return err(Errno::nomem);
      slot.store(child, std::memory_order_release);
      ++node->used;
    }
    node = child;
  }
  auto& slot = node->slots[child_index(index, 1)];
  if (slot.load(std::memory_order_relaxed) == nullptr) ++node->used;
  return &slot;
}

Result<mm::Frame*> PageCache::insert(std::uint64_t index, mm::Frame& frame) {
  sync::LockHeld held{lock_};
  std::atomic<void*>* const slot = TRY(make_slot(index));
  if (void* const there = slot->load(std::memory_order_relaxed); there != nullptr) {
    auto* winner = static_cast<mm::Frame*>(there);
    winner->ref();
    return winner;
  }
  frame.ref();  // the cache's own
  frame.ref();  // the caller's, for what is returned
  slot->store(&frame, std::memory_order_release);
  resident_.fetch_add(1, std::memory_order_relaxed);
  return &frame;
}

/// Takes the frame of `index` out and the nodes that this leaves empty.
mm::Frame* PageCache::take_out(std::uint64_t index) {
  void* const root = root_.load(std::memory_order_relaxed);
  const unsigned height = height_of(root);
  if (root == nullptr || !covers(height, index)) return nullptr;
  Node* path[kMaxHeight + 1] = {};
  void* found = height == 0 ? root : Node::from(root);
  for (unsigned level = height; level > 0 && found != nullptr; --level) {
    path[level] = static_cast<Node*>(found);
    found = path[level]->slots[child_index(index, level)].load(std::memory_order_relaxed);
  }
  if (found == nullptr) return nullptr;
  unsigned level = 1;
  for (; level <= height; ++level) {
    path[level]->slots[child_index(index, level)].store(nullptr, std::memory_order_release);
    if (--path[level]->used != 0) break;
  }
  if (level > height) root_.store(nullptr, std::memory_order_release);
  // Only now can no look-up that begins find them.
  while (--level > 0) path[level]->free_later();
  resident_.fetch_sub(1, std::memory_order_relaxed);
  return static_cast<mm::Frame*>(found);
}

std::size_t PageCache::remove(std::uint64_t first, std::uint64_t end, Users users) {
  sync::LockHeld held{lock_};
  std::size_t removed = 0;
  for (std::uint64_t index = next_present(first); index < end; index = next_present(index)) {
    mm::Frame& frame = *take_out(index);
    users == Users::none ? mm::put_frame(frame) : put_after_grace(frame);
    ++removed;
  }
  return removed;
}

std::uint64_t PageCache::next_present(std::uint64_t from) const {
  sync::rcu::ReadGuard guard;
  void* const root = root_.load(std::memory_order_acquire);
  const unsigned height = height_of(root);
  while (root != nullptr && covers(height, from)) {
    void* at = root;
    unsigned level = height;
    while (level > 0 && at != nullptr) {
      at = Node::from(at)->slots[child_index(from, level)].load(std::memory_order_acquire);
      if (at != nullptr) --level;
    }
    if (at != nullptr) return from;
    // Nothing below this slot: on to the next one of its level.
    const std::uint64_t span = std::uint64_t{1} << (6 * (level - 1));
    const std::uint64_t next = (from & ~(span - 1)) + span;
    if (next <= from) break;
    from = next;
  }
  return UINT64_MAX;
}

}  // namespace k::fs
