/// Finds and executes the first program.
/// Context     the first process; returns when the program is ready to run in user mode.
/// Errors      none: without a program the kernel stops with a message that says what was tried.
/// Source      init(1); Linux's admin-guide/init.rst for the order.
#pragma once

#include "kernel/init/command_line.h"
#include "kernel/task/task.h"

namespace k::init {

void run_first_program(Task& self, const CommandLine& line);

}  // namespace k::init
