/// What a thread, a process and its waited-for children have used.
///
/// Invariants  a thread's figures are its own until it exits, when they are added to its process; a process's when it is waited
///             for, to its parent's `children`.
/// Source      getrusage(2), times(2), acct(5).
#pragma once

#include <cstdint>

namespace k::task {

struct Usage {
  std::uint64_t user_ns = 0, system_ns = 0;
  std::uint64_t minor_faults = 0, major_faults = 0;
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  std::uint64_t blocks_in = 0, blocks_out = 0;
  std::uint64_t peak_resident_pages = 0;

  Usage& operator+=(const Usage& o);
};

}  // namespace k::task
