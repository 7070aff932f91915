/// Flags of eventfd2(2), which UAPI's headers leave to user space.
///
/// Source      eventfd(2); Linux's include/linux/eventfd.h has the same values.
#pragma once

#include <linux/fcntl.h>

namespace k::abi {
inline constexpr unsigned kEfdSemaphore = 1;
inline constexpr unsigned kEfdCloexec = O_CLOEXEC;
inline constexpr unsigned kEfdNonblock = O_NONBLOCK;
}  // namespace k::abi
