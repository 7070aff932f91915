/// The built-in tracer: prints system calls to the kernel log as strace does.
///
/// Invariants  argument types come from the handlers' signatures; nothing is listed twice.
/// Context     task context, interrupts on.
#pragma once

#include <string_view>

#include "arch/include/arch/user_regs.h"
#include "syscalls/dispatch.h"

namespace k::sys {

/// Runs `call` and, when the filter names it, prints it with its arguments and result.
std::int64_t trace_call(Task& self, const arch::UserRegs& regs, Entry call);
/// "all" or a comma-separated list of names.
void set_trace_filter(std::string_view filter);

}  // namespace k::sys
