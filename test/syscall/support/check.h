/// Assertions on system calls: values through gtest, failures by errno name.
///
/// Context  any process; nothing here allocates between the call and the reading of errno.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <ostream>

namespace systest {

/// An errno that prints as its name. 0 stands for success.
struct Err {
  int value;
  friend bool operator==(Err, Err) = default;
};

inline void PrintTo(Err e, std::ostream* os) {
  const char* name = e.value == 0 ? "success" : strerrorname_np(e.value);
  *os << (name != nullptr ? name : "errno ") << " (" << e.value << ")";
}

/// The errno of a call that answers -1 (or MAP_FAILED) for failure.
template <typename T>
Err err_of(T result) {
  return (long)result == -1 ? Err{errno} : Err{0};
}

}  // namespace systest

#define EXPECT_ERRNO(code, call) EXPECT_EQ(::systest::err_of(call), ::systest::Err{code})
#define ASSERT_ERRNO(code, call) ASSERT_EQ(::systest::err_of(call), ::systest::Err{code})
#define EXPECT_OK(call) EXPECT_ERRNO(0, call)
#define ASSERT_OK(call) ASSERT_ERRNO(0, call)
