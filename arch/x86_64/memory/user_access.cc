// arch/include/arch/user_access.h in terms of the assembly routines.
#include "arch/include/arch/user_access.h"

extern "C" {
std::size_t ht_copy_from_user(void* to, std::uint64_t from, std::size_t n);
std::size_t ht_copy_to_user(std::uint64_t to, const void* from, std::size_t n);
std::size_t ht_clear_user(std::uint64_t to, std::size_t n);
std::ptrdiff_t ht_copy_string_from_user(char* to, std::uint64_t from, std::size_t n);
bool ht_load_user_u32(std::uint64_t from, std::uint32_t* seen);
bool ht_store_user_u32(std::uint64_t to, std::uint32_t value);
bool ht_compare_exchange_user_u32(std::uint64_t at, std::uint32_t expected, std::uint32_t desired, std::uint32_t* seen);
}

namespace k::arch {

std::size_t copy_from_user(void* to, UserAddr from, std::size_t n) { return ht_copy_from_user(to, from.value, n); }
std::size_t copy_to_user(UserAddr to, const void* from, std::size_t n) { return ht_copy_to_user(to.value, from, n); }
std::size_t clear_user(UserAddr to, std::size_t n) { return ht_clear_user(to.value, n); }
std::ptrdiff_t copy_string_from_user(char* to, UserAddr from, std::size_t n) {
  return ht_copy_string_from_user(to, from.value, n);
}
bool load_user_u32(UserAddr from, std::uint32_t* seen) { return ht_load_user_u32(from.value, seen); }
bool store_user_u32(UserAddr to, std::uint32_t value) { return ht_store_user_u32(to.value, value); }
bool compare_exchange_user_u32(UserAddr at, std::uint32_t expected, std::uint32_t desired, std::uint32_t* seen) {
  return ht_compare_exchange_user_u32(at.value, expected, desired, seen);
}

}  // namespace k::arch
