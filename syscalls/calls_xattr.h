/// System calls on extended attributes: the rows of table_xattr.def.
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
using XattrValue = UserIn<std::byte>;

Result<void> setxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags);
Result<void> lsetxattr(Task& self, UserCStr path, UserCStr name, XattrValue value, std::size_t size, Flags flags);
Result<void> fsetxattr(Task& self, Fd fd, UserCStr name, XattrValue value, std::size_t size, Flags flags);
Result<std::size_t> getxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte> value, std::size_t size);
Result<std::size_t> lgetxattr(Task& self, UserCStr path, UserCStr name, UserOut<std::byte> value, std::size_t size);
Result<std::size_t> fgetxattr(Task& self, Fd fd, UserCStr name, UserOut<std::byte> value, std::size_t size);
Result<std::size_t> listxattr(Task& self, UserCStr path, UserOut<std::byte> list, std::size_t size);
Result<std::size_t> llistxattr(Task& self, UserCStr path, UserOut<std::byte> list, std::size_t size);
Result<std::size_t> flistxattr(Task& self, Fd fd, UserOut<std::byte> list, std::size_t size);
Result<void> removexattr(Task& self, UserCStr path, UserCStr name);
Result<void> lremovexattr(Task& self, UserCStr path, UserCStr name);
Result<void> fremovexattr(Task& self, Fd fd, UserCStr name);

}  // namespace k::sys
