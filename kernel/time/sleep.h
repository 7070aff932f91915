/// Sleeping until a time.
///
/// Context     task context.
/// Errors      interrupted.
/// Source      clock_nanosleep(2).
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"
#include "kernel/time/deadline.h"

namespace k::time {

Result<void> sleep_until(Deadline deadline);
/// Until CLOCK_REALTIME reads `ns`; follows the clock when it is set meanwhile.
Result<void> sleep_until_realtime(std::int64_t ns);
/// For kernel threads: no signal ends it.
void sleep_uninterruptible(std::uint64_t ns);

}  // namespace k::time
