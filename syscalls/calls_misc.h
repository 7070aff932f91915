/// System calls on system identity, limits, usage, control: the rows of table_misc.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include <linux/resource.h>
#include <linux/times.h>
#include <linux/utsname.h>

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

Result<void> uname(Task& self, UserOut<uapi::new_utsname> name);
Result<void> sethostname(Task& self, UserAddr name, int length);
Result<void> setdomainname(Task& self, UserAddr name, int length);
Result<void> sysinfo(Task& self, UserAddr info);
Result<std::size_t> getrandom(Task& self, UserAddr buffer, std::size_t size, Flags flags);
Result<std::int64_t> prctl(Task& self, int option, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d);
Result<void> arch_prctl(Task& self, int option, std::uint64_t address);
Result<void> reboot(Task& self, std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr argument);
Result<std::size_t> syslog(Task& self, int type, UserAddr buffer, int length);
Result<std::uint32_t> personality(Task& self, std::uint32_t persona);

Result<void> getrlimit(Task& self, std::uint32_t resource, UserOut<uapi::rlimit> limit);
Result<void> setrlimit(Task& self, std::uint32_t resource, UserIn<uapi::rlimit> limit);
Result<void> prlimit64(Task& self, std::int32_t pid, std::uint32_t resource, UserIn<uapi::rlimit64> limit,
                       UserOut<uapi::rlimit64> former);
Result<void> getrusage(Task& self, int who, UserOut<uapi::rusage> usage);
Result<std::int64_t> times(Task& self, UserOut<uapi::tms> times);

}  // namespace k::sys
