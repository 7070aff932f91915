// Moving bytes between user memory and the page cache, with no buffer in between.
#include <algorithm>
#include <cstring>

#include "fs/vfs/regular_node.h"
#include "mm/phys/page_alloc.h"

namespace k::fs {
namespace {

/// A reference to a frame for a scope.
class HeldFrame {
 public:
  explicit HeldFrame(mm::Frame* frame) : frame_(frame) {}
  HeldFrame(HeldFrame&& o) noexcept : frame_(std::exchange(o.frame_, nullptr)) {}
  HeldFrame& operator=(HeldFrame&&) = delete;
  ~HeldFrame() {
    if (frame_ != nullptr) mm::put_frame(*frame_);
  }
  explicit operator bool() const { return frame_ != nullptr; }
  std::byte* bytes() const { return static_cast<std::byte*>(mm::page_pointer(*frame_)); }
  mm::Frame& operator*() const { return *frame_; }
  mm::Frame* leak() { return std::exchange(frame_, nullptr); }

 private:
  mm::Frame* frame_;
};

/// Enters a complete frame at a hole. Whoever else was faster wins: the page that is there afterwards, referenced.
Result<mm::Frame*> enter_page(RegularNode& node, Inode& inode, std::uint64_t index, mm::Frame& frame) {
  const auto there = node.pages().insert(index, frame);
  if (!there || *there != &frame) {
    node.cancel_page();
    return there;
  }
  inode.set_blocks(node.pages().resident() * (kPageSize / 512));
  return there;
}

/// A new page that holds `n` bytes of `from` at `offset`, zeros around. Returns how many bytes it got.
Result<std::size_t> write_new_page(RegularNode& node, Inode& inode, std::uint64_t index, IoBuffer& from,
                                   std::size_t offset, std::size_t n) {
  TRY(node.reserve_page());
  const auto allocated = mm::allocate_frame(mm::FrameUse::page_cache, mm::Zero::no);
  if (!allocated) {
    node.cancel_page();
    return err(allocated.error());
  }
  HeldFrame frame{*allocated};
  const auto got = from.copy_out(frame.bytes() + offset, n);
  if (!got) {
    node.cancel_page();
    return got;
  }
  std::memset(frame.bytes(), 0, offset);
  std::memset(frame.bytes() + offset + *got, 0, kPageSize - offset - *got);
  HeldFrame entered{TRY(enter_page(node, inode, index, *frame))};
  if (&*entered != &*frame) std::memcpy(entered.bytes() + offset, frame.bytes() + offset, *got);
  return *got;
}

Result<std::size_t> write_page(RegularNode& node, Inode& inode, std::uint64_t index, IoBuffer& from, std::size_t offset,
                               std::size_t n) {
  HeldFrame frame{TRY(node.read_page(index))};
  if (!frame) return write_new_page(node, inode, index, from, offset, n);
  return from.copy_out(frame.bytes() + offset, n);
}

}  // namespace

Result<mm::Frame*> page_for_access(RegularNode& node, Inode& inode, std::uint64_t index) {
  if (mm::Frame* there = TRY(node.read_page(index))) return there;
  TRY(node.reserve_page());
  const auto allocated = mm::allocate_frame(mm::FrameUse::page_cache, mm::Zero::yes);
  if (!allocated) {
    node.cancel_page();
    return allocated;
  }
  HeldFrame frame{*allocated};
  return enter_page(node, inode, index, *frame);
}

Result<std::size_t> read_pages(RegularNode& node, std::uint64_t size, IoBuffer& to, std::uint64_t offset) {
  if (offset >= size) return 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.remaining(), size - offset));
  std::size_t done = 0;
  while (done < wanted) {
    const std::uint64_t at = offset + done;
    const std::size_t in_page = at & lib::kPageMask;
    const std::size_t n = std::min(wanted - done, kPageSize - in_page);
    const auto page = node.read_page(at >> lib::kPageShift);
    if (!page) return done > 0 ? Result<std::size_t>{done} : Result<std::size_t>{err(page.error())};
    HeldFrame frame{*page};
    const auto moved = frame ? to.copy_in(frame.bytes() + in_page, n) : to.zero_in(n);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    done += *moved;
    if (*moved < n) break;
  }
  return done;
}

Result<std::size_t> write_pages(RegularNode& node, Inode& inode, IoBuffer& from, std::uint64_t offset) {
  const std::size_t wanted = from.remaining();
  std::size_t done = 0;
  while (done < wanted) {
    const std::uint64_t at = offset + done;
    const std::size_t in_page = at & lib::kPageMask;
    const std::size_t n = std::min(wanted - done, kPageSize - in_page);
    const auto moved = write_page(node, inode, at >> lib::kPageShift, from, in_page, n);
    if (!moved) return done > 0 ? Result<std::size_t>{done} : moved;
    done += *moved;
    if (offset + done > inode.size()) inode.set_size(offset + done);
    if (*moved < n) break;
  }
  return done;
}

Result<void> RegularNode::fallocate(const FallocateRequest&) { return err(Errno::opnotsupp); }

}  // namespace k::fs
