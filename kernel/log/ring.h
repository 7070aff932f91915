/// The ring of log records: variable-length entries in a fixed buffer.
///
/// Invariants  a record is a header and its text; it may wrap around the buffer's end. Positions count bytes since boot. Records
///             from first() to next()-1 are present. Pure: its owner locks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/log/log.h"

namespace k::log {

class Ring {
 public:
  /// The buffer's size is a power of two.
  constexpr explicit Ring(std::span<std::byte> buffer) : buffer_(buffer) {}

  void append(std::uint64_t time_ns, Level level, std::uint8_t facility, std::string_view text);
  /// The first record at or after `sequence`.
  bool read(std::uint64_t sequence, Record& out) const;
  std::uint64_t first() const { return first_; }
  std::uint64_t next() const { return next_; }

 private:
  struct Header {
    std::uint64_t time_ns;
    std::uint16_t length;
    Level level;
    std::uint8_t facility;
  };

  void put(std::uint64_t position, const void* from, std::size_t n);
  void get(std::uint64_t position, void* to, std::size_t n) const;
  Header header_at(std::uint64_t position) const;
  std::uint64_t following(std::uint64_t position) const {
    return position + sizeof(Header) + header_at(position).length;
  }
  std::uint64_t position_of(std::uint64_t sequence) const;

  std::span<std::byte> buffer_;
  std::uint64_t head_ = 0, tail_ = 0;  // of the oldest record; where the next goes
  std::uint64_t first_ = 0, next_ = 0;
  // Where the last read was, so that a reader that goes on does not walk from the start.
  mutable std::uint64_t hint_sequence_ = 0, hint_position_ = 0;
};

}  // namespace k::log
