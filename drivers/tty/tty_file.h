/// An open file description of a terminal, and how terminals open.
///
/// Invariants  a Tty lives for ever (its device does); files refer to it plainly.
/// Context     task context.
/// Source      tty(4), tty_ioctl(4), open(2) O_NOCTTY.
#pragma once

#include "drivers/tty/tty.h"
#include "fs/vfs/open.h"

namespace k::drivers {

/// Opens `tty` for `request`; without O_NOCTTY a session leader may get it as controlling terminal.
Result<Ref<fs::File>> open_tty(Tty& tty, const fs::OpenRequest& request);

/// Registers /dev/tty (the caller's controlling terminal) and /dev/console (`console`).
Result<void> register_tty_aliases(Tty& console);

}  // namespace k::drivers
