// The output half of N_TTY: newline, carriage return, case and tab mapping.
#include <algorithm>

#include "drivers/tty/line_discipline.h"

namespace k::drivers {

std::size_t LineDiscipline::process_output(std::span<const char> in, std::span<char> out) {
  if (!termios_.output(OPOST)) {
    std::copy(in.begin(), in.end(), out.begin());
    return in.size();
  }
  std::size_t n = 0;
  for (const char c : in) n += output_one(c, &out[n]);
  return n;
}

std::size_t LineDiscipline::output_one(char c, char* out) {
  std::size_t n = 0;
  if (c == '\r') {
    if (termios_.output(ONOCR) && column_ == 0) return 0;
    if (!termios_.output(OCRNL)) {
      column_ = 0;
      out[n++] = c;
      return n;
    }
    c = '\n';
  }
  if (c == '\n') {
    if (termios_.output(ONLCR)) out[n++] = '\r';
    if (termios_.output(ONLCR | ONLRET)) column_ = 0;
    out[n++] = '\n';
    return n;
  }
  if (c == '\t') {
    const std::size_t spaces = 8 - column_ % 8;
    column_ += spaces;
    if ((termios_.raw.c_oflag & TABDLY) != XTABS) {
      out[n++] = c;
      return n;
    }
    for (std::size_t i = 0; i < spaces; ++i) out[n++] = ' ';
    return n;
  }
  if (c == '\b') {
    if (column_ > 0) --column_;
  } else if (static_cast<unsigned char>(c) >= 32 && c != 127) {
    if (termios_.output(OLCUC) && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!termios_.input(IUTF8) || (static_cast<unsigned char>(c) & 0xc0) != 0x80) ++column_;
  }
  out[n++] = c;
  return n;
}

}  // namespace k::drivers
