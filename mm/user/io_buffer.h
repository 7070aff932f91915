/// IoBuffer: the cursor that fs, net and ipc read into and write from.
///
/// Invariants  user or kernel memory, flat or scattered; advances by what was moved. Neither side ever sees a raw user
///             pointer. `copy_in` moves bytes INTO the buffer's memory (a read(2)); `copy_out` takes bytes OUT of it (a write(2)).
/// Context     task context without spin locks for user memory; under NoFault any (then short copies mean "fault in and retry").
/// Errors      EFAULT when not a single byte could be moved; otherwise a short count.
#pragma once

#include <cstddef>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace k::mm {

/// One piece of a scattered buffer, as in struct iovec but typed.
struct IoSegment {
  std::uint64_t base;  // user address, or kernel pointer when the buffer is a kernel one
  std::size_t bytes;
};

class IoBuffer {
 public:
  enum class Memory : bool { user, kernel };

  static IoBuffer user(UserAddr base, std::size_t bytes) { return IoBuffer{Memory::user, base.value, bytes}; }
  static IoBuffer kernel(std::span<std::byte> memory) {
    return IoBuffer{Memory::kernel, reinterpret_cast<std::uint64_t>(memory.data()), memory.size()};
  }
  /// Source only: nothing writes through it.
  static IoBuffer kernel(std::span<const std::byte> memory) {
    return IoBuffer{Memory::kernel, reinterpret_cast<std::uint64_t>(memory.data()), memory.size()};
  }
  /// `segments` must outlive the buffer; user memory.
  static IoBuffer scattered(std::span<const IoSegment> segments);

  std::size_t remaining() const { return remaining_; }
  bool empty() const { return remaining_ == 0; }
  /// Moves up to `n` bytes from `from` into the buffer's memory. Returns how many; EFAULT only when none.
  Result<std::size_t> copy_in(const void* from, std::size_t n);
  /// Moves up to `n` bytes out of the buffer's memory to `to`.
  Result<std::size_t> copy_out(void* to, std::size_t n);
  /// Writes up to `n` zero bytes into the buffer's memory.
  Result<std::size_t> zero_in(std::size_t n);
  /// Skips `n` bytes (lseek-like; n <= remaining()).
  void advance(std::size_t n);
  /// At most the first `n` remaining bytes will be touched from now on; returns what was cut off, for `extend`.
  std::size_t truncate(std::size_t n);
  void extend(std::size_t n) { remaining_ += n; }

 private:
  IoBuffer(Memory m, std::uint64_t base, std::size_t bytes)
      : memory_(m), base_(base), here_(bytes), remaining_(bytes) {}
  template <class Move>
  Result<std::size_t> each(std::size_t n, Move move);

  Memory memory_;
  std::uint64_t base_ = 0;           // of the current piece's unread part
  std::size_t here_ = 0;             // bytes left in the current piece
  std::size_t remaining_ = 0;        // bytes left in all
  const IoSegment* next_ = nullptr;  // pieces after the current one
};

/// The third argument of ioctl(2): a number or a user pointer, as the command says.
class IoctlArg {
 public:
  constexpr explicit IoctlArg(std::uint64_t raw) : raw_(raw) {}
  std::uint64_t value() const { return raw_; }
  template <class T>
  Result<T> read() const;
  template <class T>
  Result<void> write(const T& value) const;

 private:
  std::uint64_t raw_;
};

}  // namespace k::mm

#include "mm/user/io_buffer_inl.h"

namespace k {
using mm::IoBuffer;
using mm::IoctlArg;
}  // namespace k
