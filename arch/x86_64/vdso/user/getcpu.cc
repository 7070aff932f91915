// getcpu without entering the kernel: TSC_AUX holds the CPU's number. Source: getcpu(2).
#include <asm/unistd_64.h>

#include "arch/x86_64/vdso/user/data.h"

namespace vdso {

extern "C" {

[[gnu::visibility("default")]] long __vdso_getcpu(unsigned* cpu, unsigned* node, void* cache) {
  if (page().has_rdtscp == 0) {
    return call_kernel(__NR_getcpu, reinterpret_cast<long>(cpu), reinterpret_cast<long>(node),
                       reinterpret_cast<long>(cache));
  }
  std::uint32_t number;
  asm volatile("rdtscp" : "=c"(number)::"rax", "rdx");
  if (cpu != nullptr) *cpu = number;
  if (node != nullptr) *node = 0;
  return 0;
}

[[gnu::visibility("default"), gnu::weak, gnu::alias("__vdso_getcpu")]] long getcpu(unsigned*, unsigned*, void*);
}

}  // namespace vdso
