/// A signal as signalfd(2) gives it to its reader.
///
/// Source      signalfd(2), struct signalfd_siginfo; which fields count for which si_code: sigaction(2).
#pragma once

#include <linux/signalfd.h>

#include "kernel/task/signal_info.h"

namespace k::task {

using SignalRecord = uapi::signalfd_siginfo;
static_assert(sizeof(SignalRecord) == 128);

SignalRecord record_of(const SignalInfo& info);

}  // namespace k::task
