#include "arch/x86_64/entry/ex_table.h"

namespace k::arch {
namespace {

struct Entry {
  std::int32_t at, fixup;
};
std::uint64_t resolve(const std::int32_t& offset) {
  return reinterpret_cast<std::uint64_t>(&offset) + static_cast<std::uint64_t>(std::int64_t{offset});
}

}  // namespace

extern "C" const Entry ht_ex_table_begin[], ht_ex_table_end[];

std::uint64_t find_fixup(std::uint64_t rip) {
  for (const Entry* e = ht_ex_table_begin; e < ht_ex_table_end; ++e) {
    if (resolve(e->at) == rip) return resolve(e->fixup);
  }
  return 0;
}

}  // namespace k::arch
