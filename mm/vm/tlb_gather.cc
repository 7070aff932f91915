#include "mm/vm/tlb_gather.h"

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/page_table.h"
#include "kernel/sync/spin/preempt.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/huge.h"

namespace k::mm {
namespace {

/// Beyond this many pages one full flush is cheaper.
constexpr std::uint64_t kMaxSinglePages = 32;

struct Request {
  sched::SpaceBinding& binding;
  std::uint64_t low, high, generation;
};

void flush_here(const Request& r) {
  if (arch::loaded_page_table() == r.binding.root) {
    if (r.high - r.low <= kMaxSinglePages * kPageSize) {
      for (std::uint64_t at = r.low; at < r.high; at += kPageSize) arch::tlb_flush_page(UserAddr{at});
    } else {
      arch::tlb_flush_all();
    }
  }
  sched::note_flushed(r.binding, r.generation);
}

}  // namespace

void TlbGather::shoot_down() {
  const sync::PreemptOff off;
  const auto [cpus, generation] =
      sched::announce_change(binding_, tables_ != nullptr ? sched::TablesFreed::yes : sched::TablesFreed::no);
  Request request{binding_, low_, high_, generation};
  flush_here(request);
  if (!cpus.empty()) {
    arch::call_on_cpus(cpus.bits(), [](void* r) { flush_here(*static_cast<const Request*>(r)); }, &request);
  }
}

void TlbGather::flush() {
  if (high_ != 0 && mode_ == Mode::live) shoot_down();
  low_ = ~std::uint64_t{0};
  high_ = 0;
  if (frame_count_ > 0) put_frames(frames_, frame_count_);
  frame_count_ = 0;
  while (block_count_ > 0) drop_share(*blocks_[--block_count_]);
  while (tables_ != nullptr) {
    Frame& leaf = *tables_;
    tables_ = static_cast<Frame*>(leaf.owner.pointer);
    release_leaf(leaf);
  }
}

}  // namespace k::mm
