/// Extended state in a signal frame: written to and read from user memory by the save instructions themselves.
///
/// Invariants  the area is the XSAVE standard format; the words that software owns in its legacy part say so (FP_XSTATE_MAGIC1,
///             sizes, components) and FP_XSTATE_MAGIC2 follows it. An area without them is the 512 bytes of FXSAVE.
/// Context     task context, interrupts on; the calls may sleep on page faults.
/// Source      <asm/sigcontext.h>.
#pragma once

#include <cstddef>

#include "arch/x86_64/fpu/state.h"
#include "kernel/lib/types.h"

namespace k::arch {

/// Bytes of the area with its closing magic.
std::size_t fpu_frame_bytes();
/// Writes the running thread's state to `to` (64-byte aligned) and gives it the initial one. False on a fault.
bool save_fpu_to_user(FpuState& state, UserAddr to);
/// Takes over what stands at `from`; 0 gives the initial state. False when it is unreadable or invalid: the state is then initial.
bool load_fpu_from_user(FpuState& state, UserAddr from);

}  // namespace k::arch
