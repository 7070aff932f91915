/// Result<T>: a value or an Errno, and TRY, the only control-flow macro.
///
/// Invariants  an ignored Result does not compile. Result<T> of a small trivially copyable T returns in registers.
/// Source      docs/errors are Linux's; see kernel/lib/errno.h.
#pragma once

#include <expected>
#include <utility>

#include "kernel/lib/errno.h"

namespace k::lib {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Errno> {
 public:
  using std::expected<T, Errno>::expected;
};

/// The error arm of any Result: `return err(Errno::inval);`.
constexpr std::unexpected<Errno> err(Errno e) { return std::unexpected<Errno>{e}; }

}  // namespace k::lib

namespace k {
using lib::err;
using lib::Errno;
using lib::Result;
}  // namespace k

#define HT_TRY_NAME_(a, b) a##b
#define HT_TRY_NAME(a, b) HT_TRY_NAME_(a, b)
#define HT_TRY_IN(name, expr)             \
  ({                                      \
    auto name = (expr);                   \
    if (!name) [[unlikely]]               \
      return ::k::lib::err(name.error()); \
    *std::move(name);                     \
  })
/// The value of `expr`, or an early return of its error. Nests: each use has a variable of its own.
#define TRY(expr) HT_TRY_IN(HT_TRY_NAME(ht_try_, __COUNTER__), expr)
