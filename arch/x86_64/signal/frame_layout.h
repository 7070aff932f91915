/// The frame in memory, from its lowest address: return address, ucontext, siginfo; the FP state lies above, 64-byte aligned.
/// Source      System V ABI x86-64, <asm/ucontext.h>, <asm/sigcontext.h>.
#pragma once

#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>

#include <cstddef>
#include <cstdint>

namespace k::arch {

struct SignalFrame {
  std::uint64_t return_address;
  uapi::ucontext context;
  uapi::siginfo_t info;
};
static_assert(offsetof(SignalFrame, context) == 8 && offsetof(SignalFrame, info) == 8 + 304 &&
              sizeof(SignalFrame) == 440);
static_assert(sizeof(uapi::sigcontext) == 256 && offsetof(uapi::ucontext, uc_mcontext) == 40);

/// User code sees rsp as after a call: a multiple of 16, less 8.
constexpr std::uint64_t frame_below(std::uint64_t stack) {
  return ((stack - sizeof(SignalFrame)) & ~std::uint64_t{15}) - 8;
}

}  // namespace k::arch
