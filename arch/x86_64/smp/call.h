/// Running a function on other CPUs.
///
/// Invariants  each CPU has one outgoing request at a time and a mask of the CPUs that want something of it. A sender
/// has interrupts
///             off until all have answered and serves its own mask meanwhile, so two CPUs that call each other both get
///             on.
/// Context     interrupts off.
#pragma once

namespace k::arch {

/// Serves the requests of other CPUs to this one.
void run_call();

}  // namespace k::arch
