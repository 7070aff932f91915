/// A fixture with an address space, a source of pages, and helpers that act as user code.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "mm/phys/page_alloc.h"
#include "mm/vm/address_space.h"
#include "mm/vm/commit.h"
#include "mm/vm/huge.h"
#include "test/unit/support/frames.h"

namespace k::test {

inline constexpr std::uint64_t kPage = kPageSize;
inline constexpr mm::AreaFlags kMayAll = mm::AreaFlag::may_read | mm::AreaFlag::may_write | mm::AreaFlag::may_execute;
inline constexpr mm::AreaFlags kRead = kMayAll | mm::AreaFlag::read;
inline constexpr mm::AreaFlags kReadWrite = kRead | mm::AreaFlag::write;
inline constexpr mm::AreaFlags kSharedWrite = kReadWrite | mm::AreaFlag::shared;

/// A file in memory: every page is cached and its first byte is its index + 1.
class FakeSource final : public mm::PageSource {
 public:
  explicit FakeSource(std::size_t pages) : PageSource(&list_), bytes_(pages * kPage) {
    for (std::size_t i = 0; i < pages; ++i) {
      frames_.push_back(mm::allocate_frame(mm::FrameUse::page_cache, mm::Zero::yes).value());
      bytes_of(i)[0] = static_cast<char>(i + 1);
    }
  }
  ~FakeSource() override {
    for (mm::Frame* f : frames_) mm::put_frame(*f);
  }
  Result<mm::Frame*> get_page(std::uint64_t index, mm::Write write) override {
    if (lib::injected_failure()) return err(Errno::nomem);
    ++gets;
    writes += write == mm::Write::yes ? 1 : 0;
    if (index >= frames_.size()) return err(Errno::inval);
    frames_[index]->ref();
    return frames_[index];
  }
  std::size_t get_cached_pages(std::uint64_t first, std::span<mm::Frame*> out) override {
    std::size_t found = 0;
    for (mm::Frame*& slot : out) {
      slot = cached && first < frames_.size() ? frames_[first] : nullptr;
      if (slot != nullptr) slot->ref(), ++found;
      ++first;
    }
    return found;
  }
  std::uint64_t bytes() const override { return bytes_; }
  void name(mm::SourceName&) const override {}
  char* bytes_of(std::size_t i) { return static_cast<char*>(mm::page_pointer(*frames_[i])); }
  std::uint32_t references_of(std::size_t i) const { return frames_[i]->references.load(); }
  /// As ftruncate(2): size first, then pages, then mappings.
  void truncate(std::size_t pages) {
    bytes_ = pages * kPage;
    std::vector<mm::Frame*> gone(frames_.begin() + static_cast<std::ptrdiff_t>(pages), frames_.end());
    frames_.resize(pages);
    list_.unmap_pages(pages, ~std::uint64_t{0}, mm::SourceMappings::Copies::drop);
    for (mm::Frame* f : gone) mm::put_frame(*f);
  }

  bool cached = true;
  int gets = 0, writes = 0;

 private:
  mm::SourceMappings list_;
  std::vector<mm::Frame*> frames_;
  std::uint64_t bytes_;
};

class SpaceTest : public testing::Test {
 protected:
  SpaceTest() { use_host_ram(); }
  void SetUp() override {
    mm::set_huge_mode(mm::HugeMode::never);    // counts of pages are exact; huge_test.cc turns it on
    (void)mm::AddressSpace::create(layout());  // makes what is made once
    warm_up();
    free_before_ = in_use();
    committed_before_ = mm::committed_pages();
    space_ = mm::AddressSpace::create(layout()).value();
  }
  void TearDown() override {
    space_.reset();
    EXPECT_EQ(in_use(), free_before_) << "frames leaked";
    EXPECT_EQ(mm::committed_pages(), committed_before_) << "commit charge leaked";
  }
  static mm::Layout layout() {
    mm::Layout l;
    l.mmap_base = 0x7000'0000'0000;
    l.stack_top = 0x7fff'0000'0000;
    return l;
  }
  /// Anonymous and page-cache frames: page tables and slabs are cached, so only these tell of leaks.
  static std::size_t in_use() {
    const auto c = mm::memory_counters();
    return c.anonymous_frames + c.cache_frames;
  }
  static void warm_up() {
    auto space = mm::AddressSpace::create(layout()).value();
    (void)space->map({.address = {}, .bytes = kPage, .flags = kReadWrite}, {});
  }

  mm::AddressSpace& space() { return *space_; }
  std::uint64_t map(std::size_t pages, mm::AreaFlags flags = kReadWrite, std::uint64_t at = 0) {
    mm::MapRequest r{.address = UserAddr{at}, .bytes = pages * kPage, .flags = flags};
    if (at != 0) r.placement = mm::Placement::fixed;
    return space_->map(r, {}).value().value;
  }
  std::uint64_t map_source(Ref<FakeSource> source, mm::AreaFlags flags, std::uint64_t offset = 0,
                           std::size_t pages = 4) {
    return space_->map({.address = {}, .bytes = pages * kPage, .flags = flags, .source = source, .offset = offset}, {})
        .value()
        .value;
  }
  static Ref<FakeSource> make_source(std::size_t pages) { return make_ref<FakeSource>(pages).value(); }

  static bool poke(mm::AddressSpace& s, std::uint64_t at, char value) {
    return s.write(UserAddr{at}, std::as_bytes(std::span{&value, 1})).has_value();
  }
  /// -1: fault.
  static int peek(mm::AddressSpace& s, std::uint64_t at) {
    char value = 0;
    return s.read(UserAddr{at}, std::as_writable_bytes(std::span{&value, 1})) ? value : -1;
  }
  bool poke(std::uint64_t at, char value) { return poke(*space_, at, value); }
  int peek(std::uint64_t at) { return peek(*space_, at); }
  arch::FaultResult fault(std::uint64_t at, mm::Access access = mm::Access::read) {
    return space_->fault(UserAddr{at}, k::arch::FaultAccess{4u | (access == mm::Access::write ? 2u : 0u) |
                                                            (access == mm::Access::execute ? 16u : 0u)});
  }
  /// "start-end" of each area in pages relative to `base`.
  std::string areas(std::uint64_t base) {
    std::string text;
    space_->for_each_area(UserAddr{base}, [&](const mm::Area& a) {
      if (!text.empty()) text += " ";
      text += std::to_string(static_cast<std::int64_t>(a.start - base) / static_cast<std::int64_t>(kPage)) + "-" +
              std::to_string(static_cast<std::int64_t>(a.end - base) / static_cast<std::int64_t>(kPage));
      return true;
    });
    return text;
  }

  RefOrNull<mm::AddressSpace> space_;

 private:
  std::size_t free_before_ = 0;
  std::uint64_t committed_before_ = 0;
};

}  // namespace k::test
