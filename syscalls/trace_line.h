/// One line of the tracer's output, built in place: `openat(-100, "/etc/passwd", 0x0) = 3`.
///
/// Invariants  never longer than its buffer: what does not fit is cut.
/// Context     task context; put_string copies from user memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/lib/format.h"
#include "mm/user/user_ptr.h"

namespace k::sys {

class TraceLine {
 public:
  static constexpr std::size_t kCapacity = 240;
  static constexpr std::size_t kStringLimit = 64;  // of a string argument, as strace -s

  TraceLine() : out_(buffer_) {}
  TraceLine(const TraceLine&) = delete;

  void put(std::string_view text) { out_.put(text); }
  void put(char c) { out_.put(c); }
  void put_signed(std::int64_t value) { out_.print("{}", value); }
  void put_unsigned(std::uint64_t value) { out_.print("{}", value); }
  void put_hex(std::uint64_t value) { out_.print("{:#x}", value); }
  void put_octal(std::uint64_t value);
  void put_pointer(UserAddr at);
  void put_string(UserCStr string);
  void put_fd(int fd);
  /// ` = 3` or ` = -1 ENOENT`.
  void put_result(std::int64_t value);

  std::string_view text() const { return out_.view(); }

 private:
  char buffer_[kCapacity];
  lib::TextBuffer out_;
};

}  // namespace k::sys
