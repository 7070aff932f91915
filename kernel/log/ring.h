/// The ring of log records: variable-length entries in a fixed buffer.
///
/// Invariants  a record is a header and its text, contiguous, 8-byte aligned; the space left at the buffer's end is skipped.
///             Records from first() to next()-1 are present. Pure: its owner locks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/log/log.h"

namespace k::log {

class Ring {
 public:
  constexpr explicit Ring(std::span<std::byte> buffer) : buffer_(buffer) {}

  void append(std::uint64_t time_ns, Level level, std::uint8_t facility, std::string_view text);
  /// The first record at or after `sequence`.
  bool read(std::uint64_t sequence, Record& out) const;
  std::uint64_t first() const { return first_; }
  std::uint64_t next() const { return next_; }
  std::size_t bytes() const { return buffer_.size(); }

 private:
  struct Header {
    std::uint64_t time_ns;
    std::uint32_t size;  // of the entry, header included; a skipped rest has no text and length kSkip
    std::uint16_t length;
    Level level;
    std::uint8_t facility;
  };
  static constexpr std::uint16_t kSkip = 0xffff;

  Header header_at(std::size_t offset) const;
  void put_header(std::size_t offset, const Header& header);
  void drop_oldest();
  void make_room(std::size_t bytes);
  std::size_t following(std::size_t offset) const;
  std::size_t start_of(std::uint64_t sequence) const;

  std::span<std::byte> buffer_;
  std::size_t head_ = 0, tail_ = 0, used_ = 0;  // head: oldest entry; tail: where the next goes
  std::uint64_t first_ = 0, next_ = 0;
  // Where the last read ended, so that a reader that follows does not walk from the start.
  mutable std::uint64_t hint_sequence_ = 0;
  mutable std::size_t hint_offset_ = 0;
};

}  // namespace k::log
