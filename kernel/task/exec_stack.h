/// The initial stack of a program: strings, auxiliary vector, pointers, argc.
///
/// Invariants  the stack pointer is 16-byte aligned and points at argc. Strings lie in argv's and environ's order without
///             gaps: programs that set their title rely on it.
/// Errors      FAULT, NOMEM.
/// Source      System V ABI x86-64 3.4.1; getauxval(3).
#pragma once

#include "fs/vfs/credentials.h"
#include "kernel/task/exec_arguments.h"
#include "mm/vm/address_space.h"

namespace k::task {

struct AuxiliaryVector {
  static constexpr std::size_t kMax = 24;
  struct Entry {
    std::uint64_t type, value;
  };
  Entry entries[kMax];
  std::size_t count = 0;
  void add(std::uint64_t type, std::uint64_t value) { entries[count++] = {type, value}; }
};

/// The strings of argv (the script prefix, then `strings` from `skipped` on) and of the environment.
struct ProgramStrings {
  const ArgumentStrings& prefix;
  const ArgumentStrings& strings;
  std::size_t skipped = 0;    // strings of argv that the prefix replaces: 0 or 1
  std::size_t arguments = 0;  // of `strings`, the skipped included; the rest is the environment
  std::string_view path;      // AT_EXECFN
};

struct StackPlan {
  std::uint64_t strings = 0, path = 0, platform = 0, random = 0, pointer = 0;
  std::size_t argc = 0;
};
/// Chooses the addresses for `auxiliary_entries` pairs; `offset` bytes of random shift keep stacks apart.
StackPlan plan_stack(std::uint64_t top, const ProgramStrings& strings, std::size_t auxiliary_entries,
                     std::uint64_t offset);
/// Writes everything and records argument and environment ranges in the space's layout.
Result<void> write_stack(mm::AddressSpace& space, const StackPlan& plan, const ProgramStrings& strings,
                         const AuxiliaryVector& auxiliary, std::span<const std::byte, 16> random);

}  // namespace k::task
