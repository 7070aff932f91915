/// PacketBuffer: the bytes of one packet, a list of page fragments.
///
/// Invariants  bytes() is the sum of the fragments' lengths; consumed fragments are gone. A few fragments are part of the object,
///             more are in an array of their own.
/// Lock order  none: the owner excludes.
/// Context     task context: moves bytes to and from user memory.
/// Errors      fill: FAULT, NOMEM. copy_out: FAULT when not one byte could be moved, otherwise a short count.
#pragma once

#include "mm/user/io_buffer.h"
#include "net/buffer/fragment.h"

namespace k::net {

class PacketBuffer {
 public:
  PacketBuffer() {}  // fragments are filled before they are counted
  ~PacketBuffer();
  PacketBuffer(const PacketBuffer&) = delete;
  PacketBuffer& operator=(const PacketBuffer&) = delete;

  std::size_t bytes() const { return bytes_; }
  /// Takes exactly `n` bytes out of `from`; an empty packet only.
  Result<void> fill(IoBuffer& from, std::size_t n);
  /// Moves up to `n` bytes, from byte `skip` on, into `to`; they stay in the packet.
  Result<std::size_t> copy_out(IoBuffer& to, std::size_t skip, std::size_t n) const;
  /// Drops the first `n` bytes.
  void consume(std::size_t n);

 private:
  static constexpr unsigned kInline = 4;
  Fragment* fragments() { return many_ != nullptr ? many_ : inline_; }
  const Fragment* fragments() const { return many_ != nullptr ? many_ : inline_; }

  std::size_t bytes_ = 0;
  unsigned first_ = 0, end_ = 0;
  Fragment* many_ = nullptr;
  Fragment inline_[kInline];
};

}  // namespace k::net
