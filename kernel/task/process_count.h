/// How many threads there are: /proc/loadavg, sysinfo(2).
/// Context     task context.
#pragma once

#include <cstddef>

namespace k::task {

std::size_t count_threads();

}  // namespace k::task
