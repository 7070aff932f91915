/// Typed user pointers with a direction. They stop at syscalls/ and kernel/task.
///
/// Invariants  no dereference and no unchecked arithmetic; the only ways in and out are read() and write(). UserOut rejects
///             types with padding, so that no kernel byte leaks.
/// Context     task context, no spin lock held (asserted): a copy may sleep on a page fault.
/// Errors      EFAULT; UserCStr::read also ENAMETOOLONG.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "arch/include/arch/memory.h"
#include "arch/include/arch/user_access.h"
#include "kernel/lib/result.h"
#include "kernel/sync/spin/lock_order.h"

namespace k::mm {

/// Does the range end before user memory does? Most calls look at that before they use any of it.
inline bool is_user_range(UserAddr at, std::size_t count) {
  return count <= arch::kUserEnd && at.value <= arch::kUserEnd - count;
}

namespace detail {
template <class T>
Result<T> read_user(UserAddr at) {
  static_assert(std::is_trivially_copyable_v<T>);
  HT_MAY_SLEEP();
  T value;
  if (arch::copy_from_user(&value, at, sizeof value) != 0) return err(Errno::fault);
  return value;
}
template <class T>
Result<void> write_user(UserAddr at, const T& value) {
  static_assert(std::has_unique_object_representations_v<T>, "padding would leak kernel bytes: copy field by field");
  HT_MAY_SLEEP();
  if (arch::copy_to_user(at, &value, sizeof value) != 0) return err(Errno::fault);
  return {};
}
}  // namespace detail

template <class T>
class UserIn {
 public:
  constexpr UserIn() = default;
  constexpr explicit UserIn(UserAddr at) : at_(at) {}
  bool is_null() const { return at_.value == 0; }
  UserAddr address() const { return at_; }
  Result<T> read() const { return detail::read_user<T>(at_); }
  UserIn operator+(std::size_t n) const { return UserIn{at_ + n * sizeof(T)}; }
  /// Fills `out` with out.size() consecutive elements.
  Result<void> read_all(std::span<T> out) const {
    HT_MAY_SLEEP();
    if (arch::copy_from_user(out.data(), at_, out.size_bytes()) != 0) return err(Errno::fault);
    return {};
  }

 private:
  UserAddr at_;
};

template <class T>
class UserOut {
 public:
  constexpr UserOut() = default;
  constexpr explicit UserOut(UserAddr at) : at_(at) {}
  bool is_null() const { return at_.value == 0; }
  UserAddr address() const { return at_; }
  Result<void> write(const T& value) const { return detail::write_user<T>(at_, value); }
  UserOut operator+(std::size_t n) const { return UserOut{at_ + n * sizeof(T)}; }
  Result<void> write_all(std::span<const T> values) const {
    static_assert(std::has_unique_object_representations_v<T>);
    HT_MAY_SLEEP();
    if (arch::copy_to_user(at_, values.data(), values.size_bytes()) != 0) return err(Errno::fault);
    return {};
  }

 private:
  UserAddr at_;
};

template <class T>
class UserInOut {
 public:
  constexpr UserInOut() = default;
  constexpr explicit UserInOut(UserAddr at) : at_(at) {}
  bool is_null() const { return at_.value == 0; }
  UserAddr address() const { return at_; }
  UserIn<T> in() const { return UserIn<T>{at_}; }
  UserOut<T> out() const { return UserOut<T>{at_}; }

 private:
  UserAddr at_;
};

/// A NUL-terminated string in user memory.
class UserCStr {
 public:
  constexpr UserCStr() = default;
  constexpr explicit UserCStr(UserAddr at) : at_(at) {}
  bool is_null() const { return at_.value == 0; }
  UserAddr address() const { return at_; }
  /// Copies the string with its NUL into `out`; returns its length. ENAMETOOLONG when it does not fit.
  Result<std::size_t> read(std::span<char> out) const {
    HT_MAY_SLEEP();
    const std::ptrdiff_t n = arch::copy_string_from_user(out.data(), at_, out.size());
    if (n < 0) return err(Errno::fault);
    if (static_cast<std::size_t>(n) == out.size()) return err(Errno::nametoolong);
    return static_cast<std::size_t>(n);
  }

 private:
  UserAddr at_;
};

}  // namespace k::mm

namespace k {
using mm::is_user_range;
using mm::UserCStr;
using mm::UserIn;
using mm::UserInOut;
using mm::UserOut;
}  // namespace k
