/// System calls on user and group identities, capabilities: the rows of table_creds.def.
///
/// Context     task context.
/// Errors      as the call's page in section 2 of the manual says.
#pragma once

#include "syscalls/convert.h"

namespace k::task {
class Task;
}

namespace k::sys {

using lib::Result;
using task::Task;

/// struct __user_cap_header_struct and __user_cap_data_struct of capget(2).
struct CapabilityHeader {
  std::uint32_t version;
  std::int32_t pid;
};
struct CapabilityWords {
  std::uint32_t effective, permitted, inheritable;
};

std::uint32_t getuid(Task& self);
std::uint32_t geteuid(Task& self);
std::uint32_t getgid(Task& self);
std::uint32_t getegid(Task& self);
Result<void> getresuid(Task& self, UserOut<std::uint32_t> real, UserOut<std::uint32_t> effective,
                       UserOut<std::uint32_t> saved);
Result<void> getresgid(Task& self, UserOut<std::uint32_t> real, UserOut<std::uint32_t> effective,
                       UserOut<std::uint32_t> saved);
Result<void> setuid(Task& self, std::uint32_t uid);
Result<void> setgid(Task& self, std::uint32_t gid);
Result<void> setreuid(Task& self, std::uint32_t real, std::uint32_t effective);
Result<void> setregid(Task& self, std::uint32_t real, std::uint32_t effective);
Result<void> setresuid(Task& self, std::uint32_t real, std::uint32_t effective, std::uint32_t saved);
Result<void> setresgid(Task& self, std::uint32_t real, std::uint32_t effective, std::uint32_t saved);
std::uint32_t setfsuid(Task& self, std::uint32_t uid);
std::uint32_t setfsgid(Task& self, std::uint32_t gid);
Result<int> getgroups(Task& self, int size, UserOut<std::uint32_t> list);
Result<void> setgroups(Task& self, int size, UserIn<std::uint32_t> list);
Result<void> capget(Task& self, UserInOut<CapabilityHeader> header, UserOut<CapabilityWords> data);
Result<void> capset(Task& self, UserInOut<CapabilityHeader> header, UserIn<CapabilityWords> data);

}  // namespace k::sys
