/// The characters a terminal has received and no one has read: a ring whose canonical lines are marked.
///
/// Invariants  positions grow for ever and are reduced modulo the capacity; `head - tail <= kCapacity`. Bytes between
///             `line_start` and `head` are the line still being edited (canonical mode); every byte before is readable.
///             A mark on a byte says that a read in canonical mode ends with it; an end-of-file mark is on a byte that is
///             not handed out.
/// Context     the owner's lock (drivers/tty/tty.h).
/// Source      termios(3), "Canonical and noncanonical mode".
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

namespace k::drivers {

class InputQueue {
 public:
  static constexpr std::size_t kCapacity = 4096;  // as termios(3) says of Linux: a line holds 4095 characters

  enum class Mark : std::uint8_t { none, line_end, end_of_file };

  std::size_t size() const { return static_cast<std::size_t>(head_ - tail_); }
  bool full() const { return size() == kCapacity; }
  /// Bytes of the unfinished line.
  std::size_t editing() const { return static_cast<std::size_t>(head_ - line_start_); }
  /// Bytes that noncanonical reads may take.
  std::size_t raw_available() const { return size(); }
  bool has_line() const { return lines_ > 0; }

  void push(char c) { bytes_[slot(head_++)] = c; }
  /// Ends the current line with `c`.
  void push_marked(char c, Mark mark) {
    const std::size_t at = slot(head_);
    bytes_[at] = c;
    (mark == Mark::end_of_file ? eof_ : line_end_).set(at);
    ++head_;
    line_start_ = head_;
    ++lines_;
  }
  /// Takes the last byte of the unfinished line back.
  char pop_back() { return bytes_[slot(--head_)]; }
  char back() const { return bytes_[slot(head_ - 1)]; }
  char edited(std::size_t i) const { return bytes_[slot(line_start_ + i)]; }

  /// Length of the first line up to `limit` bytes handed out, and what ends it there.
  struct Line {
    std::size_t bytes;
    Mark mark;
  };
  Line first_line(std::size_t limit) const;
  /// Contiguous bytes at the front, at most `limit`.
  std::size_t front(std::size_t limit, const char** start) const;
  void drop_front(std::size_t n);
  /// Drops the mark byte that first_line reported as end_of_file.
  void drop_mark() { drop_front(1); }

  void clear();
  /// Entering canonical mode: what is there becomes one readable line; leaving it: all becomes plain bytes.
  void become_canonical();
  void become_raw();

 private:
  static std::size_t slot(std::uint64_t position) { return static_cast<std::size_t>(position % kCapacity); }

  std::uint64_t head_ = 0, tail_ = 0, line_start_ = 0;
  std::size_t lines_ = 0;
  std::array<char, kCapacity> bytes_{};
  std::bitset<kCapacity> line_end_, eof_;
};

}  // namespace k::drivers
