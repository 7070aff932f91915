/// Short busy waits for hardware protocols.
#pragma once

#include <cstdint>

namespace k::arch {

void delay_ns(std::uint64_t ns);

}  // namespace k::arch
