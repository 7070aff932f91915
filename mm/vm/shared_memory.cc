#include "mm/vm/shared_memory.h"

#include <algorithm>
#include <cstring>

#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/commit.h"

namespace k::mm {

Result<Ref<SharedMemory>> SharedMemory::create(std::uint64_t bytes, Charge charge) {
  Ref<SharedMemory> memory = TRY(lib::make_ref<SharedMemory>(bytes));
  if (charge == Charge::yes) {
    TRY(charge_commit(lib::pages_for(bytes)));
    memory->charged_pages_ = lib::pages_for(bytes);
  }
  return memory;
}

SharedMemory::~SharedMemory() {
  if (void* root = root_.load(std::memory_order_relaxed)) free_node(static_cast<Node*>(root), kLevels - 1);
  uncharge_commit(charged_pages_);
}

/// Recursion is bounded by kLevels.
void SharedMemory::free_node(Node* node, unsigned level) {
  for (auto& slot : node->slots) {
    void* below = slot.load(std::memory_order_relaxed);
    if (below == nullptr) continue;
    if (level > 0) {
      free_node(static_cast<Node*>(below), level - 1);
    } else {
      put_frame(*static_cast<Frame*>(below));
    }
  }
  put_frame(frame_of(arch::virt_to_phys(node)));
}

/// The slot of a page, or null when no node leads there.
std::atomic<void*>* SharedMemory::find(std::uint64_t index) {
  std::atomic<void*>* slot = &root_;
  for (unsigned level = kLevels; level-- > 0;) {
    auto* node = static_cast<Node*>(slot->load(std::memory_order_acquire));
    if (node == nullptr) return nullptr;
    slot = &node->slots[slot_of(index, level)];
  }
  return slot;
}

Result<std::atomic<void*>*> SharedMemory::make(std::uint64_t index) {
  std::atomic<void*>* slot = &root_;
  for (unsigned level = kLevels; level-- > 0;) {
    void* node = slot->load(std::memory_order_acquire);
    if (node == nullptr) {
      Frame* frame = TRY(allocate_frame(FrameUse::kernel, Zero::yes));
      if (slot->compare_exchange_strong(node, page_pointer(*frame), std::memory_order_acq_rel)) {
        node = page_pointer(*frame);
      } else {
        put_frame(*frame);
      }
    }
    slot = &static_cast<Node*>(node)->slots[slot_of(index, level)];
  }
  return slot;
}

Result<Frame*> SharedMemory::get_page(std::uint64_t index, Write) {
  if (index >= lib::pages_for(bytes_)) return err(Errno::inval);
  std::atomic<void*>& slot = *TRY(make(index));
  if (Frame* there = hold(slot)) return there;
  Frame* frame = TRY(allocate_frame(FrameUse::page_cache, Zero::yes));
  frame->ref();  // the caller's
  for (void* there = nullptr; !slot.compare_exchange_strong(there, frame, std::memory_order_acq_rel); there = nullptr) {
    Frame* other = hold(slot);
    if (other == nullptr) continue;
    frame->references.store(1, std::memory_order_relaxed);
    put_frame(*frame);
    return other;
  }
  resident_.fetch_add(1, std::memory_order_relaxed);
  return frame;
}

Frame* SharedMemory::hold(const std::atomic<void*>& slot) {
  const sync::rcu::ReadGuard guard;
  Frame* frame = static_cast<Frame*>(slot.load(std::memory_order_acquire));
  if (frame != nullptr) frame->ref();
  return frame;
}

/// The frame's owner words, which nobody else uses, carry the callback.
void SharedMemory::put_after_grace(Frame& frame) {
  static_assert(sizeof(sync::rcu::Head) <= sizeof frame.owner);
  auto* head = new (&frame.owner) sync::rcu::Head;
  sync::rcu::call(*head, [](sync::rcu::Head* done) {
    put_frame(*reinterpret_cast<Frame*>(reinterpret_cast<char*>(done) - __builtin_offsetof(Frame, owner)));
  });
}

Result<void> SharedMemory::remove_pages(std::uint64_t first, std::uint64_t count) {
  const std::uint64_t end = std::min(first + count, lib::pages_for(bytes_));
  for (std::uint64_t index = first; index < end; ++index) {
    std::atomic<void*>* slot = find(index);
    auto* frame = slot != nullptr ? static_cast<Frame*>(slot->exchange(nullptr, std::memory_order_acq_rel)) : nullptr;
    if (frame == nullptr) continue;
    resident_.fetch_sub(1, std::memory_order_relaxed);
    put_after_grace(*frame);
  }
  list_.unmap_pages(first, count, SourceMappings::Copies::keep);
  return {};
}

std::size_t SharedMemory::get_cached_pages(std::uint64_t first, std::span<Frame*> out) {
  std::size_t found = 0;
  for (Frame*& page : out) {
    const std::atomic<void*>* slot = find(first++);
    page = slot != nullptr ? hold(*slot) : nullptr;
    if (page != nullptr) ++found;
  }
  return found;
}

void SharedMemory::name(SourceName& out) const {
  constexpr std::string_view kName = "/dev/zero (deleted)";  // as Linux shows it
  const std::size_t n = std::min(kName.size(), out.path.size());
  std::memcpy(out.path.data(), kName.data(), n);
  out.path = out.path.first(n);
}

}  // namespace k::mm
