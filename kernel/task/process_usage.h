/// What a process has used so far, its live threads included.
/// Lock order  takes Process::signals.
/// Context     any.
/// Source      getrusage(2).
#pragma once

#include "kernel/task/accounting.h"

namespace k::task {

class Process;
class Task;

Usage thread_usage(const Task& thread);
Usage process_usage(Process& process);

}  // namespace k::task
