#include "drivers/tty/input_queue.h"

#include <algorithm>

namespace k::drivers {

InputQueue::Line InputQueue::first_line(std::size_t limit) const {
  const std::uint64_t end = line_start_;
  for (std::uint64_t at = tail_; at < end; ++at) {
    const std::size_t before = static_cast<std::size_t>(at - tail_);
    if (eof_.test(slot(at))) return {before, Mark::end_of_file};
    if (before == limit) return {limit, Mark::none};
    if (line_end_.test(slot(at))) return {before + 1, Mark::line_end};
  }
  return {std::min(limit, static_cast<std::size_t>(end - tail_)), Mark::none};
}

std::size_t InputQueue::front(std::size_t limit, const char** start) const {
  const std::size_t at = slot(tail_);
  *start = &bytes_[at];
  return std::min({limit, size(), kCapacity - at});
}

void InputQueue::drop_front(std::size_t n) {
  for (; n > 0 && tail_ != head_; --n, ++tail_) {
    const std::size_t at = slot(tail_);
    if (line_end_.test(at) || eof_.test(at)) --lines_;
    line_end_.reset(at);
    eof_.reset(at);
  }
  line_start_ = std::max(line_start_, tail_);
}

void InputQueue::clear() {
  tail_ = line_start_ = head_;
  lines_ = 0;
  line_end_.reset();
  eof_.reset();
}

void InputQueue::become_canonical() {
  line_end_.reset();
  eof_.reset();
  lines_ = 0;
  line_start_ = head_;
  if (size() == 0) return;
  line_end_.set(slot(head_ - 1));
  lines_ = 1;
}

void InputQueue::become_raw() {
  line_end_.reset();
  eof_.reset();
  lines_ = 0;
  line_start_ = head_;
}

}  // namespace k::drivers
