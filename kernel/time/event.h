/// The CPU's next timer interrupt: the earlier of its first timer and what the scheduler asks for.
///
/// Invariants  armed lazily: asking for a later time, or cancelling, does not touch the hardware. An interrupt that turns out
///             to be early finds the true next event and arms for it, so a busy CPU programs its timer about as often as the
///             timer fires, not at every switch; an idle CPU takes at most one needless interrupt, then none.
/// Context     interrupts off, this CPU.
#pragma once

#include <cstdint>

#include "arch/include/arch/percpu.h"

namespace k::time {

namespace detail {
struct ArmedEvent {
  std::uint64_t ns = ~std::uint64_t{0};  // when the hardware fires
};
HT_PER_CPU_DECLARE(ArmedEvent, armed_event);
void arm_event(std::uint64_t ns);
}  // namespace detail

/// An interrupt comes at or before `ns` on CLOCK_MONOTONIC (unless it is never).
inline void want_event(std::uint64_t ns) {
  if (ns < this_cpu(detail::armed_event).ns) [[unlikely]]
    detail::arm_event(ns);
}

}  // namespace k::time
