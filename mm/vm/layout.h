/// Where the parts of a program lie, as exec records them for brk(2), prctl(2) and /proc/PID/stat.
/// Source: proc_pid_stat(5).
#pragma once

#include <cstdint>

namespace k::mm {

struct Layout {
  std::uint64_t start_code = 0, end_code = 0, start_data = 0, end_data = 0;
  std::uint64_t start_brk = 0, brk = 0;
  std::uint64_t start_stack = 0;  // the stack pointer at program start
  std::uint64_t arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
  std::uint64_t mmap_base = 0;  // mappings without a fixed address are placed downwards from here
  std::uint64_t stack_top = 0;
  std::uint64_t vdso = 0;  // AT_SYSINFO_EHDR; 0 when not mapped
};

enum class Randomize : bool { no, yes };

/// A layout with the bases chosen: the stack's top and, below the stack's room, the mmap base. `random` is a fresh random
/// number per bit used; `stack_limit` is RLIMIT_STACK.
Layout choose_layout(std::uint64_t stack_limit, Randomize randomize);
/// Where to load a position-independent program (ET_DYN).
std::uint64_t choose_program_base(Randomize randomize);
/// Where the heap starts for a program whose last byte is below `end_of_data`.
std::uint64_t choose_heap_start(std::uint64_t end_of_data, Randomize randomize);

}  // namespace k::mm
