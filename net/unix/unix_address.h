/// UnixName: what a struct sockaddr_un names; UnixAddress: the same kept by a bound socket.
///
/// Invariants  a pathname is kept with its terminating NUL, an abstract name (first byte NUL) by length.
/// Errors      parse: INVAL. create: NOMEM.
/// Source      unix(7).
#pragma once

#include <linux/un.h>

#include <string_view>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "net/socket/address.h"

namespace k::net {

class UnixName {
 public:
  /// Points into `address`, which must outlive the name.
  static Result<UnixName> parse(const SocketAddress& address);
  /// Only the family was given: bind(2) chooses a name, connect(2) refuses.
  bool is_empty() const { return text_.empty(); }
  bool is_abstract() const { return !text_.empty() && text_[0] == '\0'; }
  /// A path without its NUL, or an abstract name with its first NUL byte.
  std::string_view text() const { return text_; }

 private:
  explicit UnixName(std::string_view text) : text_(text) {}
  std::string_view text_;
};

class UnixAddress : public lib::RefCounted {
 public:
  static constexpr std::size_t kFamilyBytes = sizeof(uapi::__kernel_sa_family_t);
  static Result<Ref<UnixAddress>> create(std::string_view text);
  std::string_view text() const { return {text_, length_}; }
  bool is_abstract() const { return text_[0] == '\0'; }
  /// As struct sockaddr_un.
  void print(SocketAddress& out) const;
  /// The address of a socket without one.
  static void print_unnamed(SocketAddress& out);

 private:
  std::size_t length_ = 0;
  char text_[UNIX_PATH_MAX];
};

}  // namespace k::net
