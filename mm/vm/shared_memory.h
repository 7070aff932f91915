/// SharedMemory: pages that belong to no file, shared by those who map them (MAP_SHARED | MAP_ANONYMOUS, /dev/zero).
///
/// Invariants  a page, once there, stays until the last mapping is gone or remove_pages takes it; pages are made zero on first access.
///             The memory's own reference of a removed page lasts a grace period longer than its place.
/// Lock order  takes no lock: nodes and pages are installed by compare-and-swap. remove_pages takes Rank::mappings.
/// Context     get_page allocates and may sleep; get_cached_pages any.
/// Errors      NOMEM; INVAL beyond the end.
/// Source      mmap(2), zero(4).
#pragma once

#include <atomic>

#include "mm/phys/slab.h"
#include "mm/vm/page_source.h"

namespace k::mm {

class SharedMemory final : public PageSource, public SlabAllocated<SharedMemory> {
 public:
  /// Charges `bytes` to the commit limit until it dies, unless `charge` is no.
  enum class Charge : bool { no, yes };
  static Result<Ref<SharedMemory>> create(std::uint64_t bytes, Charge charge);
  ~SharedMemory() override;

  Result<Frame*> get_page(std::uint64_t index, Write write) override;
  std::size_t get_cached_pages(std::uint64_t first, std::span<Frame*> out) override;
  std::uint64_t bytes() const override { return bytes_; }
  void name(SourceName& out) const override;
  Result<void> remove_pages(std::uint64_t first, std::uint64_t count) override;
  /// Pages that are there.
  std::uint64_t resident_pages() const { return resident_.load(std::memory_order_relaxed); }

 private:
  template <class T, class... Args>
  friend Result<Ref<T>> lib::make_ref(Args&&... args);
  static constexpr unsigned kSlots = 512, kSlotBits = 9, kLevels = 4;  // 2^36 pages
  /// A page of slots; the lowest level's point to frames, the others' to nodes.
  struct Node {
    std::atomic<void*> slots[kSlots];
  };
  explicit SharedMemory(std::uint64_t bytes) : PageSource(&list_), bytes_(bytes) {}
  static unsigned slot_of(std::uint64_t index, unsigned level) {
    return static_cast<unsigned>(index >> (kSlotBits * level)) & (kSlots - 1);
  }
  std::atomic<void*>* find(std::uint64_t index);
  Result<std::atomic<void*>*> make(std::uint64_t index);
  static Frame* hold(const std::atomic<void*>& slot);
  static void put_after_grace(Frame& frame);
  static void free_node(Node* node, unsigned level);

  SourceMappings list_;
  std::uint64_t bytes_;
  std::uint64_t charged_pages_ = 0;
  std::atomic<std::uint64_t> resident_{0};
  std::atomic<void*> root_{nullptr};
};

}  // namespace k::mm
