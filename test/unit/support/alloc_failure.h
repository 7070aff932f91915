/// Drives a piece of code through every allocation failure: the first allocation fails, then the second, and so on
/// until the code succeeds.
#pragma once

#include <gtest/gtest.h>

#include "kernel/lib/fault_injection.h"

namespace k::test {

/// `attempt()` returns true on success; after each failure `check()` looks whether all is as before.
/// Returns how many allocations the successful run made at least.
template <class Attempt, class Check>
unsigned fail_each_allocation(Attempt attempt, Check check) {
  for (unsigned n = 1; n < 10'000; ++n) {
    lib::g_fail_allocation_at = n;
    const bool done = attempt();
    const bool injected = lib::g_fail_allocation_at.exchange(0) == 0;
    if (done && !injected) return n - 1;
    if (!done) check();
    if (!done && !injected) {
      ADD_FAILURE() << "failed although no allocation did";
      return n;
    }
  }
  ADD_FAILURE() << "does not come to an end";
  return 0;
}

}  // namespace k::test
