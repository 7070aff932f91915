/// Attachment: the page source of one shmat(2), which tells its segment of each area.
///
/// Invariants  holds its segment. Two attachments of a segment share its list of mappings, so shared futexes in them are the same.
/// Lock order  as Segment.
/// Source      shmop(2).
#pragma once

#include "ipc/sysv/segment.h"

namespace k::ipc::sysv {

class Attachment final : public mm::PageSource, public mm::SlabAllocated<Attachment> {
 public:
  explicit Attachment(Ref<Segment> segment) : PageSource(&segment->memory_->mappings()), segment_(std::move(segment)) {}

  Result<mm::Frame*> get_page(std::uint64_t index, mm::Write write) override {
    return segment_->memory_->get_page(index, write);
  }
  std::size_t get_cached_pages(std::uint64_t first, std::span<mm::Frame*> out) override {
    return segment_->memory_->get_cached_pages(first, out);
  }
  std::uint64_t bytes() const override { return segment_->bytes_; }
  void name(mm::SourceName& out) const override;
  Result<void> remove_pages(std::uint64_t first, std::uint64_t count) override {
    return segment_->memory_->remove_pages(first, count);
  }
  bool counts_areas() const override { return true; }
  void area_added() override { segment_->area_added(); }
  void area_removed() override { segment_->area_removed(); }

 private:
  Ref<Segment> segment_;
};

}  // namespace k::ipc::sysv
