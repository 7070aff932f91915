/// Raw access to user memory: the bottom of mm/user, used by nothing else.
///
/// Invariants  SMAP is open only inside these functions. A fault the fault handler cannot repair ends the copy through
///             .ex_table. Addresses are range-checked here against kUserEnd: a kernel address is never touched.
/// Context     task context; sleeps on a page fault unless a NoFault scope is open.
/// Errors      the number of bytes NOT copied (0 is success); `false` for the word forms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/lib/types.h"

namespace k::arch {

std::size_t copy_from_user(void* to, UserAddr from, std::size_t n);
std::size_t copy_to_user(UserAddr to, const void* from, std::size_t n);
std::size_t clear_user(UserAddr to, std::size_t n);
/// Copies a NUL-terminated string of at most `n` bytes with its NUL. Returns its length without the NUL, `n` when no NUL
/// came within n bytes, or -1 on a fault.
std::ptrdiff_t copy_string_from_user(char* to, UserAddr from, std::size_t n);
/// Single aligned words, for futexes and clear_child_tid. `*seen` receives the value found.
bool load_user_u32(UserAddr from, std::uint32_t* seen);
bool store_user_u32(UserAddr to, std::uint32_t value);
/// Atomically replaces `expected` by `desired`; `*seen` receives the value found.
bool compare_exchange_user_u32(UserAddr at, std::uint32_t expected, std::uint32_t desired, std::uint32_t* seen);

}  // namespace k::arch
