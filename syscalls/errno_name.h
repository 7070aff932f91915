/// Names of error numbers, for the tracer.
/// Source: <asm-generic/errno.h>.
#pragma once

#include <string_view>

namespace k::sys {

/// "ENOENT"; "E?" for a number that is no error of Linux.
std::string_view errno_name(int error);

}  // namespace k::sys
