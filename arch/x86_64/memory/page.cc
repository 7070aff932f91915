#include "arch/x86_64/memory/page.h"

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/memory.h"
#include "arch/x86_64/cpu/features.h"

extern "C" {
void ht_zero_page_words(void* page);
void ht_zero_page_string(void* page);
void ht_zero_page_wide(void* page);
void ht_copy_page_words(void* to, const void* from);
void ht_copy_page_string(void* to, const void* from);
void ht_copy_page_wide(void* to, const void* from);

/// How user copies of 256 bytes and more are done; user_copy.S knows the values.
enum class BulkMethod : unsigned char { words = 0, string = 1, wide = 2 };
constinit BulkMethod ht_bulk_method = BulkMethod::words;
}

namespace k::arch {
namespace {

constinit void (*g_zero_page)(void*) = ht_zero_page_words;
constinit void (*g_copy_page)(void*, const void*) = ht_copy_page_words;

constexpr unsigned kTries = 40;
/// The wide forms take a quarter of the instructions, which leaves the core to its other hardware thread: they win when
/// they are slower by less than this part.
constexpr unsigned kNearTie = 3;

/// The least that `work` took in a few tries: the first ones warm caches.
template <class Work>
std::uint64_t time_of(Work work) {
  std::uint64_t least = ~std::uint64_t{0};
  for (unsigned i = 0; i < kTries; ++i) {
    const std::uint64_t before = cycles();
    work();
    const std::uint64_t took = cycles() - before;
    if (took < least) least = took;
  }
  return least;
}

}  // namespace

void zero_page(void* page) { g_zero_page(page); }
void copy_page(void* to, const void* from) { g_copy_page(to, from); }

void choose_page_routines(void* to, const void* from) {
  std::uint64_t best_zero = ~std::uint64_t{0}, best_copy = best_zero;
  const auto try_zero = [&](void (*routine)(void*)) {
    const std::uint64_t took = time_of([&] { routine(to); });
    if (took < best_zero) best_zero = took, g_zero_page = routine;
  };
  const auto try_copy = [&](void (*routine)(void*, const void*), BulkMethod method) {
    const std::uint64_t took = time_of([&] { routine(to, from); });
    if (took < best_copy) best_copy = took, g_copy_page = routine, ht_bulk_method = method;
  };
  try_zero(ht_zero_page_words);
  try_zero(ht_zero_page_string);
  try_copy(ht_copy_page_words, BulkMethod::words);
  try_copy(ht_copy_page_string, BulkMethod::string);
  if (g_features.avx && g_features.xsave && g_features.xgetbv1) {
    best_zero += best_zero / kNearTie;
    best_copy += best_copy / kNearTie;
    try_zero(ht_zero_page_wide);
    try_copy(ht_copy_page_wide, BulkMethod::wide);
  }
}

}  // namespace k::arch
