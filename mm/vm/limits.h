/// The resource limits that memory calls check, handed in by the caller (mm does not know processes).
/// Source: getrlimit(2).
#pragma once

#include <cstdint>

namespace k::mm {

inline constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

struct MemoryLimits {
  std::uint64_t address_space = kNoLimit;  // RLIMIT_AS, bytes
  std::uint64_t data = kNoLimit;           // RLIMIT_DATA
  std::uint64_t stack = kNoLimit;          // RLIMIT_STACK
  std::uint64_t locked = kNoLimit;         // RLIMIT_MEMLOCK
  bool may_lock_any = false;               // CAP_IPC_LOCK: `locked` does not apply
};

}  // namespace k::mm
