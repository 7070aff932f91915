#include "syscalls/trace_line.h"

#include <linux/fcntl.h>

#include "syscalls/errno_name.h"

namespace k::sys {

void TraceLine::put_octal(std::uint64_t value) {
  char digits[24];
  std::size_t n = sizeof digits;
  do {
    digits[--n] = static_cast<char>('0' + (value & 7));
    value >>= 3;
  } while (value != 0);
  put('0');
  put(std::string_view{digits + n, sizeof digits - n});
}

void TraceLine::put_pointer(UserAddr at) {
  if (at.value == 0) {
    put("NULL");
  } else {
    put_hex(at.value);
  }
}

void TraceLine::put_string(UserCStr string) {
  if (string.is_null()) return put("NULL");
  char text[kStringLimit];
  const auto length = arch::copy_string_from_user(text, string.address(), sizeof text);
  if (length < 0) return put_pointer(string.address());
  put('"');
  for (const char c : std::string_view{text, static_cast<std::size_t>(length)}) {
    if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
      put(c);
    } else if (c == '\n') {
      put("\\n");
    } else {
      put('\\');
      put_octal(static_cast<unsigned char>(c));
    }
  }
  put(static_cast<std::size_t>(length) == sizeof text ? "\"..." : "\"");
}

void TraceLine::put_fd(int fd) {
  if (fd == AT_FDCWD) return put("AT_FDCWD");
  put_signed(fd);
}

void TraceLine::put_result(std::int64_t value) {
  if (value < 0 && value > -4096) {
    put(" = -1 ");
    return put(errno_name(static_cast<int>(-value)));
  }
  if (value > 0x1'0000'0000) {
    put(" = ");
    return put_hex(static_cast<std::uint64_t>(value));
  }
  put(" = ");
  put_signed(value);
}

}  // namespace k::sys
