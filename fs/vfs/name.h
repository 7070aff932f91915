/// Name: one path component with its hash.
///
/// Invariants  at most kMaxLength bytes, no '/', no NUL. Equal names have equal hashes within one boot; the hash is keyed, so
///             that nobody can choose names that share a bucket.
/// Source      path_resolution(7), NAME_MAX of <linux/limits.h>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace k::fs {

struct Name {
  static constexpr std::size_t kMaxLength = 255;

  std::string_view text;
  std::uint32_t hash = 0;

  static Name of(std::string_view text);
  bool is_dot() const { return text.size() == 1 && text[0] == '.'; }
  bool is_dot_dot() const { return text.size() == 2 && text[0] == '.' && text[1] == '.'; }
};

/// The secret of the name hash; set once at boot before the first look-up.
void set_name_hash_key(std::uint64_t key);

/// Takes a path apart: each step yields the next component with its hash, having skipped slashes.
class PathCursor {
 public:
  constexpr PathCursor() = default;
  explicit PathCursor(std::string_view path) : at_(path.data()), end_(path.data() + path.size()) {}

  /// Skips slashes; true when nothing else is left.
  bool at_end() {
    while (at_ != end_ && *at_ == '/') ++at_;
    return at_ == end_;
  }
  /// The component that starts here. Call only after at_end() said false.
  Name next();
  /// Whether only slashes follow; they then ask for a directory.
  bool is_last() const {
    const char* p = at_;
    while (p != end_ && *p == '/') ++p;
    return p == end_;
  }
  bool has_trailing_slash() const { return at_ != end_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

 private:
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace k::fs
