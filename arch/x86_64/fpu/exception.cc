#include "arch/x86_64/fpu/exception.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#include <cstdint>

#include "arch/x86_64/entry/idt.h"

namespace k::arch {
namespace {

/// Unmasked exceptions that are raised. Bits as in the x87 status word and MXCSR: Intel SDM volume 1, 8.1.3 and 10.2.3.
unsigned raised(unsigned vector) {
  if (vector == kFloatingPoint) {
    std::uint16_t control, status;
    asm volatile("fnstcw %0" : "=m"(control));
    asm volatile("fnstsw %0" : "=m"(status));
    return status & ~control & 0x3fu;
  }
  std::uint32_t mxcsr;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  return mxcsr & ~(mxcsr >> 7) & 0x3f;
}

}  // namespace

int fpu_exception_code(unsigned vector) {
  const unsigned e = raised(vector);
  if ((e & 0x01) != 0) return FPE_FLTINV;
  if ((e & 0x04) != 0) return FPE_FLTDIV;
  if ((e & 0x08) != 0) return FPE_FLTOVF;
  if ((e & 0x12) != 0) return FPE_FLTUND;  // denormal operand, underflow
  if ((e & 0x20) != 0) return FPE_FLTRES;
  return FPE_FLTUNK;
}

}  // namespace k::arch
