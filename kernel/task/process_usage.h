/// What a process has used so far, its live threads included.
/// Lock order  takes Process::signals.
/// Context     any.
/// Source      getrusage(2).
#pragma once

#include "kernel/task/process.h"

namespace k::task {

Usage thread_usage(const Task& thread);
Usage process_usage(Process& process);
Usage process_usage_locked(const Process& process, const Process::Signals& signals);

}  // namespace k::task
