#include "kernel/log/ring.h"

#include <algorithm>
#include <cstring>

namespace k::log {

void Ring::put(std::uint64_t position, const void* from, std::size_t n) {
  const std::size_t at = position & (buffer_.size() - 1);
  const std::size_t until_end = std::min(n, buffer_.size() - at);
  std::memcpy(buffer_.data() + at, from, until_end);
  std::memcpy(buffer_.data(), static_cast<const std::byte*>(from) + until_end, n - until_end);
}

void Ring::get(std::uint64_t position, void* to, std::size_t n) const {
  const std::size_t at = position & (buffer_.size() - 1);
  const std::size_t until_end = std::min(n, buffer_.size() - at);
  std::memcpy(to, buffer_.data() + at, until_end);
  std::memcpy(static_cast<std::byte*>(to) + until_end, buffer_.data(), n - until_end);
}

Ring::Header Ring::header_at(std::uint64_t position) const {
  Header header;
  get(position, &header, sizeof header);
  return header;
}

void Ring::append(std::uint64_t time_ns, Level level, std::uint8_t facility, std::string_view text) {
  text = text.substr(0, kMaxMessage);
  const Header header{time_ns, static_cast<std::uint16_t>(text.size()), level, facility};
  while (tail_ - head_ + sizeof header + text.size() > buffer_.size()) {
    head_ = following(head_);
    ++first_;
  }
  put(tail_, &header, sizeof header);
  put(tail_ + sizeof header, text.data(), text.size());
  tail_ += sizeof header + text.size();
  ++next_;
}

std::uint64_t Ring::position_of(std::uint64_t sequence) const {
  const bool use_hint = hint_sequence_ > first_ && hint_sequence_ <= sequence;
  std::uint64_t at = use_hint ? hint_sequence_ : first_;
  std::uint64_t position = use_hint ? hint_position_ : head_;
  for (; at < sequence; ++at) position = following(position);
  hint_sequence_ = sequence;
  hint_position_ = position;
  return position;
}

bool Ring::read(std::uint64_t sequence, Record& out) const {
  sequence = std::max(sequence, first_);
  if (sequence >= next_) return false;
  const std::uint64_t position = position_of(sequence);
  const Header header = header_at(position);
  out.sequence = sequence;
  out.time_ns = header.time_ns;
  out.level = header.level;
  out.facility = header.facility;
  out.length = header.length;
  get(position + sizeof header, out.text, header.length);
  return true;
}

}  // namespace k::log
