/// What timer_create(2) and mq_notify(2) read of struct sigevent.
/// Source      sigevent(7), <asm-generic/siginfo.h>.
#pragma once

#include <asm/siginfo.h>

#include <cstddef>
#include <cstdint>

namespace k::sys {

struct SignalEvent {
  std::uint64_t value;
  std::int32_t signal, notify, thread;
  std::byte rest[sizeof(uapi::sigevent) - 20];
};
static_assert(sizeof(SignalEvent) == sizeof(uapi::sigevent));

}  // namespace k::sys
