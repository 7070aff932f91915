/// One line of the tracer's output, built in place: `openat(-100, "/etc/passwd", 0x0) = 3`.
///
/// Invariants  never longer than its buffer: what does not fit is cut.
/// Context     task context; put_string copies from user memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mm/user/user_ptr.h"

namespace k::sys {

class TraceLine {
 public:
  static constexpr std::size_t kCapacity = 240;
  static constexpr std::size_t kStringLimit = 64;  // of a string argument, as strace -s

  void put(std::string_view text);
  void put(char c);
  void put_signed(std::int64_t value);
  void put_unsigned(std::uint64_t value);
  void put_hex(std::uint64_t value);
  void put_octal(std::uint64_t value);
  void put_pointer(UserAddr at);
  void put_string(UserCStr string);
  void put_fd(int fd);
  void put_signal(int signal);
  /// ` = 3`, ` = -1 ENOENT` or ` = ? ERESTARTSYS`.
  void put_result(std::int64_t value);

  std::string_view text() const { return {buffer_, length_}; }

 private:
  void put_number(std::uint64_t value, unsigned base);

  std::size_t length_ = 0;
  char buffer_[kCapacity];
};

}  // namespace k::sys
