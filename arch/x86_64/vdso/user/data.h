/// The data page as vDSO code sees it: one page below the image.
///
/// Invariants  read-only here; kernel/time writes VdsoData under its sequence count.
#pragma once

#include <cstdint>

#include "arch/x86_64/vdso/page.h"

// Not const: the compiler would take what lies around a constant for constant too.
extern "C" [[gnu::visibility("hidden")]] char __ehdr_start[];

namespace vdso {

inline const k::arch::VdsoPage& page() { return *reinterpret_cast<const k::arch::VdsoPage*>(__ehdr_start - 4096); }

/// System calls with up to three arguments. Source: System V ABI x86-64, A.2.1.
inline long call_kernel(long number, long a = 0, long b = 0, long c = 0) {
  long result;
  asm volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

}  // namespace vdso
