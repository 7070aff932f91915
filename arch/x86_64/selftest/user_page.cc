#include "arch/x86_64/selftest/user_page.h"

#include <cstring>

#include "arch/include/arch/memory.h"
#include "arch/include/arch/page_table.h"
#include "arch/x86_64/cpu/control.h"
#include "kernel/lib/alloc.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kAddress = 0x10000;
constinit std::uint8_t* g_page = nullptr;

void* zeroed_page() {
  void* page = lib::allocate(kPageSize, kPageSize);
  if (page != nullptr) std::memset(page, 0, kPageSize);
  return page;
}

}  // namespace

std::uint8_t* page_of_user_page() { return g_page; }

std::uint8_t* map_user_page() {
  // Whichever tables are loaded: a self-test does not come back to clean up.
  auto* table = static_cast<PageTable*>(phys_to_virt(loaded_page_table()));
  for (unsigned level = kTopLevel; level > 1; --level) {
    auto& entry = table->entries[level_index(kAddress, level)];
    if (entry.load() == 0) {
      void* fresh = zeroed_page();
      if (fresh == nullptr) return nullptr;
      entry.store(Pte::table(virt_to_phys(fresh)).raw());
    }
    table = static_cast<PageTable*>(phys_to_virt(Pte{entry.load()}.frame()));
  }
  g_page = static_cast<std::uint8_t*>(zeroed_page());
  if (g_page == nullptr) return nullptr;
  const Pte leaf = Pte::leaf(virt_to_phys(g_page), {.write = true, .execute = true, .user = true});
  table->entries[level_index(kAddress, 1)].store(leaf.raw());
  return reinterpret_cast<std::uint8_t*>(kAddress);
}

}  // namespace k::arch
