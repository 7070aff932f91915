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

/// The value of `expr`, or an early return of its error.
#define TRY(expr)                                                                    \
  ({                                                                                 \
    auto ht_try_result = (expr);                                                     \
    if (!ht_try_result) [[unlikely]] return ::k::lib::err(ht_try_result.error());    \
    *std::move(ht_try_result);                                                       \
  })
