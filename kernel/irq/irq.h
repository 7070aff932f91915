/// Device interrupts: which handler serves which line.
///
/// Invariants  a line is masked while it has no handler; each interrupt is acknowledged exactly once, after its handlers.
///             Handlers of one line run one after another; lines may be shared.
/// Lock order  Rank::irq_table for changes; dispatch reads without a lock.
/// Context     attach, detach: task context. Handler: interrupt context.
/// Errors      NODEV, NOSPC from the controller; NOMEM.
#pragma once

#include <cstdint>

#include "kernel/lib/result.h"

namespace k::irq {

using Handler = void (*)(void* argument);

/// Serves the legacy line `isa_irq` (ISA overrides applied). Returns its vector.
Result<unsigned> attach_isa(unsigned isa_irq, const char* name, Handler handler, void* argument);
/// Serves the global system interrupt `gsi`.
Result<unsigned> attach_gsi(unsigned gsi, const char* name, Handler handler, void* argument);
/// After it returns, the handler is not running anywhere.
void detach(unsigned vector, Handler handler, void* argument);

/// One line of /proc/interrupts.
struct LineInfo {
  unsigned vector;
  const char* name;
  std::uint64_t count;
};
/// The `index`-th attached line; false past the last.
bool line_info(unsigned index, LineInfo& out);

}  // namespace k::irq
