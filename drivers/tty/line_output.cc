// The output half of N_TTY: newline, carriage return, case and tab mapping.
#include <algorithm>
#include <array>

#include "drivers/tty/line_discipline.h"

namespace k::drivers {

LineDiscipline::Processed LineDiscipline::process_output(std::span<const char> in, std::span<char> out) {
  if (!termios_.output(OPOST)) {
    const std::size_t n = std::min(in.size(), out.size());
    std::copy_n(in.begin(), n, out.begin());
    return {n, n};
  }
  Processed done{0, 0};
  for (; done.consumed < in.size(); ++done.consumed) {
    const std::size_t column = column_;
    std::array<char, kWorstExpansion> expanded;
    const std::size_t n = output_one(in[done.consumed], expanded.data());
    if (n > out.size() - done.produced) {
      column_ = column;
      break;
    }
    std::copy_n(expanded.begin(), n, &out[done.produced]);
    done.produced += n;
  }
  return done;
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
