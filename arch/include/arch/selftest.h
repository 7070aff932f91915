/// Self-tests of the kernel's protections: each violates one rule on purpose and must die of it.
///
/// Context     task context, once the scheduler runs; called by kernel/init with the value of `selftest=`.
/// Source      names: smep, smap, nx, wx-text, wx-rodata, wx-alias, guard-page, umip, stack-protector, panic.
#pragma once

#include <string_view>

namespace k::arch {

/// Returns only when `name` is unknown or the protection it violates is not there.
void run_selftest(std::string_view name);

}  // namespace k::arch
