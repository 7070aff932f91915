/// Stopping the other CPUs for a panic.
/// Context     stop_if_asked: NMI.
#pragma once

namespace k::arch {

/// True for an NMI that a stop explains; does not return when another CPU asked this one to stop.
bool stop_if_asked();

}  // namespace k::arch
