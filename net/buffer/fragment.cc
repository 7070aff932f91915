#include "net/buffer/fragment.h"

#include "arch/include/arch/percpu.h"
#include "kernel/lib/types.h"
#include "kernel/sync/spin/preempt.h"

namespace k::net {
namespace {

constexpr std::size_t kAlign = 64;                 // what two CPUs work on does not share a line
constexpr std::size_t kMaxCarved = kPageSize / 2;  // more gets a page of its own

struct Carving {
  mm::Frame* page = nullptr;
  std::uint32_t used = 0;
};

HT_PER_CPU(Carving, carving);

/// The next bytes of the page; an empty fragment when it has no room.
Fragment carve(Carving& from, std::size_t bytes) {
  if (from.page == nullptr) return {};
  if (from.used + bytes > kPageSize) {
    if (from.page->references.load(std::memory_order_acquire) != 1) return {};
    from.used = 0;
  }
  const Fragment fragment{from.page, from.used, static_cast<std::uint32_t>(bytes)};
  from.page->ref();
  from.used = static_cast<std::uint32_t>(lib::align_up(from.used + bytes, kAlign));
  return fragment;
}

}  // namespace

Result<Fragment> allocate_fragment(std::size_t bytes) {
  if (bytes <= kMaxCarved) {
    sync::PreemptOff here;
    const Fragment fragment = carve(this_cpu(carving), bytes);
    if (fragment.frame != nullptr) return fragment;
  }
  mm::Frame* const fresh = TRY(mm::allocate_frame(mm::FrameUse::kernel, mm::Zero::no));
  if (bytes > kMaxCarved) return Fragment{fresh, 0, static_cast<std::uint32_t>(bytes)};
  mm::Frame* old;
  Fragment fragment;
  {
    sync::PreemptOff here;
    Carving& mine = this_cpu(carving);
    old = std::exchange(mine.page, fresh);
    mine.used = 0;
    fragment = carve(mine, bytes);
  }
  if (old != nullptr) mm::put_frame(*old);
  return fragment;
}

}  // namespace k::net
