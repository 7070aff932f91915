#include "mm/phys/page_alloc.h"
#include "mm/vm/fault_site.h"

namespace k::mm {
namespace {

constinit std::atomic<Frame*> g_zero{nullptr};

}  // namespace

Result<Frame*> zero_frame() {
  Frame* zero = g_zero.load(std::memory_order_acquire);
  if (zero != nullptr) [[likely]]
    return zero;
  Frame* fresh = TRY(allocate_frame(FrameUse::kernel, Zero::yes));
  if (g_zero.compare_exchange_strong(zero, fresh, std::memory_order_acq_rel)) return fresh;
  put_frame(*fresh);
  return zero;
}

}  // namespace k::mm
