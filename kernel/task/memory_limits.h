/// The limits of a process in the form that mm wants them.
#pragma once

#include "kernel/task/task.h"
#include "mm/vm/limits.h"

namespace k::task {

mm::MemoryLimits memory_limits(const Task& self);

}  // namespace k::task
