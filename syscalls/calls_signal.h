/// System calls on signals: the rows of table_signal.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <asm/signal.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "kernel/task/signal_actions.h"
#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<void> kill(Task& self, std::int32_t pid, SignalNumber signal);
Result<void> tkill(Task& self, std::int32_t tid, SignalNumber signal);
Result<void> tgkill(Task& self, std::int32_t pid, std::int32_t tid, SignalNumber signal);
Result<void> rt_sigqueueinfo(Task& self, std::int32_t pid, SignalNumber signal, UserAddr info);
Result<void> rt_tgsigqueueinfo(Task& self, std::int32_t pid, std::int32_t tid, SignalNumber signal, UserAddr info);

Result<void> rt_sigaction(Task& self, SignalNumber signal, UserIn<task::Action> action, UserOut<task::Action> former,
                          std::size_t set_size);
Result<void> rt_sigprocmask(Task& self, int how, UserIn<std::uint64_t> set, UserOut<std::uint64_t> former,
                            std::size_t set_size);
Result<void> rt_sigpending(Task& self, UserAddr set, std::size_t set_size);
Result<void> rt_sigsuspend(Task& self, UserIn<std::uint64_t> set, std::size_t set_size);
Result<int> rt_sigtimedwait(Task& self, UserIn<std::uint64_t> set, UserAddr info,
                            UserIn<uapi::__kernel_timespec> timeout, std::size_t set_size);
Result<void> pause(Task& self);
Result<void> sigaltstack(Task& self, UserIn<uapi::stack_t> stack, UserAddr former);
std::int64_t rt_sigreturn(Task& self);
Result<std::int64_t> restart_syscall(Task& self);

Result<void> setitimer(Task& self, int which, UserIn<uapi::itimerval> value, UserOut<uapi::itimerval> former);
Result<void> getitimer(Task& self, int which, UserOut<uapi::itimerval> value);
std::uint32_t alarm(Task& self, std::uint32_t seconds);

}  // namespace k::sys
