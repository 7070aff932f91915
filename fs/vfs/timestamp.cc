#include "fs/vfs/timestamp.h"

#include "kernel/time/clock.h"

namespace k::fs {

Timestamp Timestamp::now() {
  const std::int64_t ns = time::realtime_ns();
  if (ns < 0) [[unlikely]]
    return of(ns / 1'000'000'000 - 1, 0);
  return of_ns(static_cast<std::uint64_t>(ns));
}

}  // namespace k::fs
