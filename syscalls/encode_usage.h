/// Usage and times in the forms that user space reads.
/// Source: getrusage(2), times(2).
#pragma once

#include <linux/resource.h>

#include "kernel/task/accounting.h"

namespace k::sys {

inline constexpr std::uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

inline uapi::__kernel_old_timeval timeval_of(std::uint64_t ns) {
  return {static_cast<long>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000 / 1000)};
}
uapi::rusage encode(const task::Usage& usage);

}  // namespace k::sys
