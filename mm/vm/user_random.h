/// Random numbers for the layout of user memory.
#pragma once

#include <cstdint>

namespace k::mm {

std::uint64_t user_random();

}  // namespace k::mm
