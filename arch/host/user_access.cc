// User memory on the host: a registered window of host memory stands for it, and can be told to fault at any byte.
#include "arch/include/arch/user_access.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "arch/host/fake_user_memory.h"

namespace k::arch {
namespace {

/// Bytes of [at, at+n) that may be touched before the first fault.
std::size_t reachable(UserAddr at, std::size_t n) {
  const host::FakeUserMemory* user = host::FakeUserMemory::installed();
  if (user == nullptr) return 0;
  return user->reachable(at.value, n);
}
char* pointer(UserAddr at) { return reinterpret_cast<char*>(at.value); }

}  // namespace

std::size_t copy_from_user(void* to, UserAddr from, std::size_t n) {
  const std::size_t ok = reachable(from, n);
  std::memcpy(to, pointer(from), ok);
  return n - ok;
}
std::size_t copy_to_user(UserAddr to, const void* from, std::size_t n) {
  const std::size_t ok = reachable(to, n);
  std::memcpy(pointer(to), from, ok);
  return n - ok;
}
std::size_t clear_user(UserAddr to, std::size_t n) {
  const std::size_t ok = reachable(to, n);
  std::memset(pointer(to), 0, ok);
  return n - ok;
}
std::ptrdiff_t copy_string_from_user(char* to, UserAddr from, std::size_t n) {
  const std::size_t ok = reachable(from, n);
  for (std::size_t i = 0; i < ok; ++i) {
    to[i] = pointer(from)[i];
    if (to[i] == '\0') return static_cast<std::ptrdiff_t>(i);
  }
  return ok == n ? static_cast<std::ptrdiff_t>(n) : -1;
}
bool load_user_u32(UserAddr from, std::uint32_t* seen) {
  if (reachable(from, 4) != 4) return false;
  *seen = __atomic_load_n(reinterpret_cast<std::uint32_t*>(from.value), __ATOMIC_SEQ_CST);
  return true;
}
bool store_user_u32(UserAddr to, std::uint32_t value) {
  if (reachable(to, 4) != 4) return false;
  __atomic_store_n(reinterpret_cast<std::uint32_t*>(to.value), value, __ATOMIC_SEQ_CST);
  return true;
}
bool compare_exchange_user_u32(UserAddr at, std::uint32_t expected, std::uint32_t desired, std::uint32_t* seen) {
  if (reachable(at, 4) != 4) return false;
  __atomic_compare_exchange_n(reinterpret_cast<std::uint32_t*>(at.value), &expected, desired, false, __ATOMIC_SEQ_CST,
                              __ATOMIC_SEQ_CST);
  *seen = expected;
  return true;
}

}  // namespace k::arch
