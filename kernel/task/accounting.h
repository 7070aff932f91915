/// What a thread, a process and its waited-for children have used.
///
/// Invariants  a thread's figures are its own until it exits, when they are added to its process; a process's when it is waited
///             for, to its parent's `children`.
/// Source      getrusage(2), times(2), acct(5).
#pragma once

#include <cstddef>
#include <cstdint>

namespace k::task {

/// What was moved by read(2), write(2) and their kin, and how many of these calls there were. Source: proc_pid_io(5).
struct IoCounts {
  std::uint64_t bytes_read = 0, bytes_written = 0, reads = 0, writes = 0;

  void count_read(std::size_t bytes) {
    bytes_read += bytes;
    ++reads;
  }
  void count_write(std::size_t bytes) {
    bytes_written += bytes;
    ++writes;
  }
  IoCounts& operator+=(const IoCounts& o);
};

struct Usage {
  std::uint64_t user_ns = 0, system_ns = 0;
  std::uint64_t minor_faults = 0, major_faults = 0;
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  std::uint64_t blocks_in = 0, blocks_out = 0;
  std::uint64_t peak_resident_pages = 0;
  IoCounts io;

  Usage& operator+=(const Usage& o);
};

}  // namespace k::task
