/// Device registers in memory: the one place with `volatile`.
#pragma once

#include <cstdint>

namespace k::arch {

template <class T>
inline T mmio_read(const void* base, std::uint64_t offset) {
  return *reinterpret_cast<const volatile T*>(static_cast<const char*>(base) + offset);
}
template <class T>
inline void mmio_write(void* base, std::uint64_t offset, T value) {
  *reinterpret_cast<volatile T*>(static_cast<char*>(base) + offset) = value;
}

}  // namespace k::arch
