/// PageSource: where the pages of a mapped file or of shared memory come from.
///
/// Implemented by fs (page cache of a file, tmpfs, memfd, shared anonymous memory) and by mm/vm for the vDSO.
/// Invariants  a page handed out stays valid as long as its reference is held, even if the source drops it (truncate); the
///             content's owner calls `mappings().unmap_pages` after it removed pages from its own index, so that no
///             mapping keeps a stale one.
/// Lock order  get_page may take any rank above Rank::vma and sleep; get_cached_pages takes no sleeping lock.
///             unmap_pages takes Rank::mappings (spin), so a source may call it with its own sleeping locks held.
/// Context     task context.
/// Errors      get_page: any; the faulting access gets SIGBUS, except NOMEM.
/// Source      mmap(2), proc_pid_maps(5).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/spin/guarded.h"
#include "mm/phys/frame.h"

namespace k::mm {

enum class Write : bool { no, yes };

/// What /proc/PID/maps prints of a mapping's source.
struct SourceName {
  std::span<char> path;  // in: room for the path; out: the path, cut to what fits
  std::uint32_t device_major = 0, device_minor = 0;
  std::uint64_t inode = 0;
};

/// The part of an Area that its source's list of mappings links.
struct MappingLink {
  lib::ListNode source_node;
};

/// Every mapping of one content. Sources over the same content (the open file descriptions of one inode) share one, so its
/// address is the content's identity (shared futexes).
class SourceMappings {
 public:
  SourceMappings() = default;
  SourceMappings(const SourceMappings&) = delete;
  SourceMappings& operator=(const SourceMappings&) = delete;

  /// Whether unmap_pages removes the private copies too (truncation) or spares them (hole punching).
  enum class Copies : bool { keep, drop };
  /// Removes pages [first, first + count) from every mapping.
  void unmap_pages(std::uint64_t first, std::uint64_t count, Copies copies);
  bool is_mapped() const;
  /// Makes room for one more shared mapping that may become writable, until drop_writer(); PERM after refuse_writers(). Who maps
  /// holds such a place until the mapping itself is counted.
  Result<void> add_writer();
  void drop_writer() { writers_.fetch_sub(1, std::memory_order_release); }
  /// From now on there is no writable shared mapping. BUSY while there is one.
  Result<void> refuse_writers();
  /// How many there are.
  std::uint32_t shared_writers() const {
    return static_cast<std::uint32_t>(std::max(writers_.load(std::memory_order_relaxed), 0));
  }
  /// Grows when pages are removed. A page that was got at another generation may be stale.
  std::uint32_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  friend class AreaLinks;
  using List = lib::List<MappingLink, &MappingLink::source_node>;
  sync::SpinGuarded<List, sync::Rank::mappings> list_;
  std::atomic<std::int32_t> writers_{0};  // -1: refused
  std::atomic<std::uint32_t> generation_{0};
};

class PageSource : public lib::RefCounted {
 public:
  /// `mappings` lives at least as long as this source, being part of the content; null: see lists_mappings.
  explicit PageSource(SourceMappings* mappings) : mappings_(mappings) {}
  virtual ~PageSource();
  virtual void on_last_ref() { delete this; }

  SourceMappings& mappings() const { return *mappings_; }
  /// False for a source whose pages never change or go (the vDSO): its mappings are not listed.
  bool lists_mappings() const { return mappings_ != nullptr; }
  /// The page at `index` with a reference for the caller, read in when needed. Write::yes: the page is about to be written
  /// through a shared mapping (reserve backing, mark dirty). INVAL beyond the end. May sleep.
  virtual Result<Frame*> get_page(std::uint64_t index, Write write) = 0;
  /// Referenced frames of the pages from `first` on that are present and up to date, null where one is not and beyond the
  /// end. Returns how many are not null. Never sleeps.
  virtual std::size_t get_cached_pages(std::uint64_t first, std::span<Frame*> out) = 0;
  /// Size in bytes.
  virtual std::uint64_t bytes() const = 0;
  virtual void name(SourceName& out) const = 0;
  /// A source that counts who maps it (System V segments): it hears of each area, which then keeps its borders. Called under
  /// Rank::mmap, held for writing (or by the last user of a space).
  virtual bool counts_areas() const { return false; }
  virtual void area_added() {}
  virtual void area_removed() {}
  /// Writes pages [first, first + count) to backing store and waits: msync(MS_SYNC). Nothing to do without one.
  virtual Result<void> write_back(std::uint64_t first, std::uint64_t count);
  /// Drops pages [first, first + count): madvise(MADV_REMOVE). OPNOTSUPP where a file cannot have holes.
  virtual Result<void> remove_pages(std::uint64_t first, std::uint64_t count);

 private:
  SourceMappings* mappings_;
};

}  // namespace k::mm
