/// System calls on POSIX message queues: the rows of table_mqueue.def.
///
/// Context     task context.
/// Errors      as the call's page in section 3 of the manual says.
#pragma once

#include <linux/mqueue.h>
#include <linux/time_types.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<Fd> mq_open(Task& self, UserCStr name, Flags flags, FileMode mode, UserIn<uapi::mq_attr> attributes);
Result<void> mq_unlink(Task& self, UserCStr name);
Result<void> mq_timedsend(Task& self, Fd queue, UserAddr text, std::size_t bytes, unsigned priority,
                          UserIn<uapi::__kernel_timespec> timeout);
Result<std::size_t> mq_timedreceive(Task& self, Fd queue, UserAddr text, std::size_t bytes, UserOut<unsigned> priority,
                                    UserIn<uapi::__kernel_timespec> timeout);
Result<void> mq_notify(Task& self, Fd queue, UserAddr event);
Result<void> mq_getsetattr(Task& self, Fd queue, UserIn<uapi::mq_attr> changed, UserOut<uapi::mq_attr> former);

}  // namespace k::sys
