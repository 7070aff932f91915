/// System calls on terminals: the rows of table_tty.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using task::Task;

Result<void> vhangup(Task& self);

}  // namespace k::sys
