/// devpts: the file system of pseudo-terminals' slaves. Every mount is an instance of its own.
///
/// Context     task context.
/// Errors      mount: INVAL (unknown or bad option).
/// Source      Linux's filesystems/devpts; pts(4).
#pragma once

#include "kernel/lib/result.h"

namespace k::fs {

/// Registers "devpts" and /dev/ptmx.
Result<void> register_devpts();

/// kernel.pty.max and kernel.pty.nr.
inline constexpr unsigned kMaxPtys = 4096;
unsigned count_ptys();

}  // namespace k::fs
