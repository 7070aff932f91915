#include "kernel/lib/format.h"

namespace k::lib {
namespace {

/// What stands between the colon and the closing brace.
struct Spec {
  bool left = false, right = false, alternate = false, zero = false;
  char type = 0;  // 'x', 'o', 'c' or none
  unsigned width = 0;
};

Spec parse(std::string_view text) {
  Spec spec;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      spec.left = true;
    } else if (c == '>') {
      spec.right = true;
    } else if (c == '#') {
      spec.alternate = true;
    } else if (c == '0') {
      spec.zero = true;
    } else {
      break;
    }
  }
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
    spec.width = spec.width * 10 + static_cast<unsigned>(text[i] - '0');
  if (i < text.size()) spec.type = text[i];
  return spec;
}

/// Digits of `value`, most significant first, at the end of a buffer.
class Digits {
 public:
  Digits(std::uint64_t value, unsigned base) {
    do {
      *--start_ = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
  }
  std::string_view view() const { return {start_, static_cast<std::size_t>(end() - start_)}; }

 private:
  const char* end() const { return buffer_ + sizeof buffer_; }
  char buffer_[24];
  char* start_ = buffer_ + sizeof buffer_;
};

void repeat(TextBuffer& out, char c, std::size_t n) {
  while (n-- > 0) out.put(c);
}

void put_padded(TextBuffer& out, const Spec& spec, std::string_view text, bool right_by_default) {
  const std::size_t fill = spec.width > text.size() ? spec.width - text.size() : 0;
  const bool right = !spec.left && (spec.right || right_by_default);
  if (right) repeat(out, ' ', fill);
  out.put(text);
  if (!right) repeat(out, ' ', fill);
}

void put_number(TextBuffer& out, const Spec& spec, bool negative, std::uint64_t magnitude) {
  const unsigned base = spec.type == 'x' ? 16 : spec.type == 'o' ? 8 : 10;
  const std::string_view prefix = negative ? "-" : spec.alternate && base == 16 ? "0x" : "";
  const Digits digits{magnitude, base};
  const std::size_t length = prefix.size() + digits.view().size();
  const std::size_t fill = spec.width > length ? spec.width - length : 0;
  if (!spec.zero && !spec.left) repeat(out, ' ', fill);
  out.put(prefix);
  if (spec.zero) repeat(out, '0', fill);
  out.put(digits.view());
  if (spec.left && !spec.zero) repeat(out, ' ', fill);
}

void put_arg(TextBuffer& out, const Spec& spec, const FormatArg& arg) {
  using Kind = FormatArg::Kind;
  if (arg.kind() == Kind::text) return put_padded(out, spec, arg.text(), false);
  if (arg.kind() == Kind::boolean && spec.type == 0)
    return put_padded(out, spec, arg.number() != 0 ? "true" : "false", false);
  if (arg.kind() == Kind::character || spec.type == 'c') {
    const char c = static_cast<char>(arg.number());
    return put_padded(out, spec, {&c, 1}, false);
  }
  if (arg.kind() == Kind::pointer) {
    Spec hex = spec;
    hex.type = 'x';
    hex.alternate = true;
    return put_number(out, hex, false, arg.number());
  }
  const bool negative =
      arg.kind() == Kind::signed_number && static_cast<std::int64_t>(arg.number()) < 0 && spec.type == 0;
  put_number(out, spec, negative, negative ? -arg.number() : arg.number());
}

}  // namespace

void TextBuffer::put(std::string_view text) {
  for (const char c : text) put(c);
}

void TextBuffer::put_formatted(std::string_view format, std::span<const FormatArg> args) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    const bool doubled = i + 1 < format.size() && format[i + 1] == c;
    if ((c != '{' && c != '}') || doubled) {
      put(c);
      if (c == '{' || c == '}') ++i;
      continue;
    }
    std::size_t close = i;
    while (close < format.size() && format[close] != '}') ++close;
    const std::string_view field = format.substr(i + 1, close - i - 1);
    if (next < args.size()) put_arg(*this, parse(field.starts_with(':') ? field.substr(1) : field), args[next++]);
    i = close;
  }
}

}  // namespace k::lib
