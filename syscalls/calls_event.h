/// System calls that make and use event files: the rows of table_event.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/eventpoll.h>
#include <linux/time_types.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<Fd> epoll_create(Task& self, int size);
Result<Fd> epoll_create1(Task& self, Flags flags);
Result<void> epoll_ctl(Task& self, Fd epoll, int operation, Fd fd, UserIn<uapi::epoll_event> event);
Result<unsigned> epoll_wait(Task& self, Fd epoll, UserOut<uapi::epoll_event> events, int most, int timeout_ms);
Result<unsigned> epoll_pwait(Task& self, Fd epoll, UserOut<uapi::epoll_event> events, int most, int timeout_ms,
                             UserIn<std::uint64_t> mask, std::size_t mask_size);
Result<unsigned> epoll_pwait2(Task& self, Fd epoll, UserOut<uapi::epoll_event> events, int most,
                              UserIn<uapi::__kernel_timespec> timeout, UserIn<std::uint64_t> mask,
                              std::size_t mask_size);

Result<Fd> eventfd(Task& self, unsigned initial);
Result<Fd> eventfd2(Task& self, unsigned initial, Flags flags);

Result<Fd> timerfd_create(Task& self, int clock, Flags flags);
Result<void> timerfd_settime(Task& self, Fd fd, Flags flags, UserIn<uapi::__kernel_itimerspec> value,
                             UserOut<uapi::__kernel_itimerspec> former);
Result<void> timerfd_gettime(Task& self, Fd fd, UserOut<uapi::__kernel_itimerspec> value);

Result<Fd> inotify_init(Task& self);
Result<Fd> inotify_init1(Task& self, Flags flags);
Result<int> inotify_add_watch(Task& self, Fd fd, UserCStr path, std::uint32_t mask);
Result<void> inotify_rm_watch(Task& self, Fd fd, int watch);

Result<Fd> signalfd(Task& self, Fd fd, UserIn<std::uint64_t> mask, std::size_t mask_size);
Result<Fd> signalfd4(Task& self, Fd fd, UserIn<std::uint64_t> mask, std::size_t mask_size, Flags flags);

}  // namespace k::sys
