/// Every call with pointer arguments: what makes it reach the pointer, and how it treats it.
#pragma once

#include <sys/syscall.h>

#include <array>
#include <span>

namespace systest {

/// How a call uses the memory behind a pointer argument.
enum class Use {
  in,    ///< read by the kernel
  out,   ///< written by the kernel
  path,  ///< a string, read up to its NUL
};

/// Stand-ins in an argument list that the test replaces before the call.
enum Argument : long {
  kBad = 0x7e570001,  ///< the pointer under test
  kGood,              ///< zeroed writable memory, enough for any structure
  kPath,              ///< the name of an existing file
  kNewPath,           ///< a name that does not exist
  kFile,              ///< a descriptor of a regular file, open for both
  kPipeIn,            ///< a pipe's write end
  kPipeOut,           ///< a pipe's read end with bytes in it
  kDirectory,         ///< a descriptor of a directory
  kTimespec,          ///< a time of zero
  kQueue,             ///< a descriptor of a POSIX message queue with a message of 16 bytes, the most it takes
  kMessages,          ///< a System V message queue with a message of 16 bytes
};

inline constexpr int kNotTried = -2;

struct PointerCase {
  const char* name;
  long number;
  Use use;
  std::array<long, 6> arguments;
  /// What NULL gives: EFAULT, another errno, 0 where it means "not wanted", kNotTried where it means "for ever".
  int null_result;
};

std::span<const PointerCase> path_cases();
std::span<const PointerCase> input_cases();
std::span<const PointerCase> output_cases();

}  // namespace systest
