/// What went wrong in floating point.
#pragma once

namespace k::arch {

/// FPE_* for #MF or #XM, from the live registers; interrupts off.
int fpu_exception_code(unsigned vector);

}  // namespace k::arch
