#include "kernel/log/ring.h"

#include <algorithm>
#include <cstring>

#include "kernel/lib/types.h"

namespace k::log {

Ring::Header Ring::header_at(std::size_t offset) const {
  Header header;
  std::memcpy(&header, &buffer_[offset], sizeof header);
  return header;
}
void Ring::put_header(std::size_t offset, const Header& header) { std::memcpy(&buffer_[offset], &header, sizeof header); }

/// The offset after the entry at `offset`, skipping a gap at the buffer's end.
std::size_t Ring::following(std::size_t offset) const {
  offset += header_at(offset).size;
  if (offset == buffer_.size()) return 0;
  return offset != tail_ && header_at(offset).length == kSkip ? 0 : offset;
}

void Ring::drop_oldest() {
  used_ -= header_at(head_).size;
  head_ += header_at(head_).size;
  if (head_ == buffer_.size()) head_ = 0;
  ++first_;
  if (head_ != tail_ && header_at(head_).length == kSkip) {
    used_ -= header_at(head_).size;
    head_ = 0;
  }
}

/// Makes [tail_, tail_ + bytes) free, starting over at the buffer's beginning when its end is too near.
void Ring::make_room(std::size_t bytes) {
  const std::size_t left = buffer_.size() - tail_;
  if (left < bytes) {
    while (first_ != next_ && head_ >= tail_) {
      const std::size_t before = head_;
      drop_oldest();
      if (head_ < before) break;
    }
    if (first_ == next_) {
      head_ = tail_ = used_ = 0;
    } else {
      put_header(tail_, Header{0, static_cast<std::uint32_t>(left), kSkip, Level::debug, 0});
      used_ += left;
      tail_ = 0;
    }
  }
  while (first_ != next_ && buffer_.size() - used_ < bytes) drop_oldest();
}

void Ring::append(std::uint64_t time_ns, Level level, std::uint8_t facility, std::string_view text) {
  text = text.substr(0, kMaxMessage);
  const std::size_t size = lib::align_up(sizeof(Header) + text.size(), alignof(Header));
  make_room(size);
  put_header(tail_, Header{time_ns, static_cast<std::uint32_t>(size), static_cast<std::uint16_t>(text.size()), level, facility});
  std::memcpy(&buffer_[tail_] + sizeof(Header), text.data(), text.size());
  used_ += size;
  tail_ += size;
  if (tail_ == buffer_.size()) tail_ = 0;
  ++next_;
}

std::size_t Ring::start_of(std::uint64_t sequence) const {
  const bool use_hint = hint_sequence_ >= first_ && hint_sequence_ <= sequence && hint_sequence_ > first_;
  std::uint64_t at = use_hint ? hint_sequence_ : first_;
  std::size_t offset = use_hint ? hint_offset_ : head_;
  for (; at < sequence; ++at) offset = following(offset);
  hint_sequence_ = sequence;
  hint_offset_ = offset;
  return offset;
}

bool Ring::read(std::uint64_t sequence, Record& out) const {
  sequence = std::max(sequence, first_);
  if (sequence >= next_) return false;
  const std::size_t offset = start_of(sequence);
  const Header header = header_at(offset);
  out.sequence = sequence;
  out.time_ns = header.time_ns;
  out.level = header.level;
  out.facility = header.facility;
  out.length = header.length;
  std::memcpy(out.text, &buffer_[offset] + sizeof header, header.length);
  return true;
}

}  // namespace k::log
