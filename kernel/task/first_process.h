/// The first process: a kernel thread with everything a process has, until it executes the first program.
/// Context     boot CPU, once, before any other process.
/// Errors      NOMEM, AGAIN.
/// Source      init(1); Linux's first process has number 1.
#pragma once

#include "kernel/task/task.h"

namespace k::task {

/// Starts `run` as process 1, root with all capabilities, leader of session and group 1, no memory and no open files.
Result<void> start_first_process(void (*run)(Task& self));

}  // namespace k::task
