// The vDSO in user memory: its data page and, above it, the image. Both are sources whose pages never change.
#include "arch/include/arch/vdso.h"

#include <algorithm>
#include <cstring>

#include "mm/phys/page_alloc.h"
#include "mm/vm/address_space.h"
#include "mm/vm/placement.h"

namespace k::mm {
namespace {

/// Frames of the kernel image, shown read-only.
class FixedPages final : public PageSource {
 public:
  FixedPages(std::span<const PhysAddr> frames, const char* name) : PageSource(nullptr), frames_(frames), name_(name) {
    for (const PhysAddr at : frames_) frame_of(at).ref();  // never dropped: user mappings must not free them
  }
  Result<Frame*> get_page(std::uint64_t index, Write) override {
    if (index >= frames_.size()) return err(Errno::inval);
    Frame& frame = frame_of(frames_[index]);
    frame.ref();
    return &frame;
  }
  std::size_t get_cached_pages(std::uint64_t first, std::span<Frame*> out) override {
    std::size_t found = 0;
    for (Frame*& slot : out) {
      auto page = get_page(first++, Write::no);
      slot = page ? *page : nullptr;
      found += page ? 1 : 0;
    }
    return found;
  }
  std::uint64_t bytes() const override { return frames_.size() * kPageSize; }
  void name(SourceName& out) const override {
    const std::size_t n = std::min(std::strlen(name_), out.path.size());
    std::memcpy(out.path.data(), name_, n);
    out.path = out.path.first(n);
  }

 private:
  std::span<const PhysAddr> frames_;
  const char* name_;
};

/// Made once, by the first program; later programs find them.
constinit std::atomic<PageSource*> g_data{nullptr}, g_image{nullptr};

Result<Ref<PageSource>> shared_source(std::atomic<PageSource*>& slot, std::span<const PhysAddr> frames,
                                      const char* name) {
  PageSource* there = slot.load(std::memory_order_acquire);
  if (there == nullptr) {
    Ref<PageSource> fresh = TRY(lib::make_ref<FixedPages>(frames, name));
    if (slot.compare_exchange_strong(there, fresh.get(), std::memory_order_acq_rel)) there = fresh.leak();
  }
  return Ref<PageSource>::share(*there);
}

}  // namespace

Result<void> AddressSpace::map_vdso() {
  static const PhysAddr data_frame = arch::vdso_data_frame();
  const std::span<const PhysAddr> image = arch::vdso_image_frames(), data{&data_frame, 1};
  const MapRequest whole{
      .address = UserAddr{}, .bytes = (data.size() + image.size()) * kPageSize, .flags = AreaFlag::fixed_size};
  const UserAddr at = TRY(map(whole, {}));
  constexpr AreaFlags kData = AreaFlag::read | AreaFlag::may_read | AreaFlag::fixed_size | AreaFlag::no_dump;
  constexpr AreaFlags kImage = AreaFlag::read | AreaFlag::execute | AreaFlag::may_read | AreaFlag::may_execute |
                               AreaFlag::may_write | AreaFlag::fixed_size;
  TRY(map({.address = at,
           .bytes = data.size() * kPageSize,
           .flags = kData,
           .placement = Placement::fixed,
           .source = TRY(shared_source(g_data, data, "[vvar]"))},
          {}));
  TRY(map({.address = at + data.size() * kPageSize,
           .bytes = image.size() * kPageSize,
           .flags = kImage,
           .placement = Placement::fixed,
           .source = TRY(shared_source(g_image, image, "[vdso]"))},
          {}));
  layout_.vdso = (at + data.size() * kPageSize).value;
  return {};
}

}  // namespace k::mm
