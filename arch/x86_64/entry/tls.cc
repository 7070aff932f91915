// The user's FS and GS bases. In the kernel, GS is the CPU's own and the user's waits behind SWAPGS; where user code may
// write the bases itself (FSGSBASE), only the registers know them.
// Source: Intel SDM volume 2, RDFSBASE, SWAPGS.
#include "arch/include/arch/context.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/cpu/msr.h"

namespace k::arch {

// Interrupts are off; an NMI between the two SWAPGS finds its CPU by its stack.
void save_tls(UserTls& tls) {
  if (g_features.fsgsbase) {
    asm volatile("rdfsbase %0\n\tswapgs\n\trdgsbase %1\n\tswapgs" : "=r"(tls.fs_base), "=r"(tls.gs_base));
    return;
  }
  tls.fs_base = read_msr(MSR_FS_BASE);
  tls.gs_base = read_msr(MSR_KERNEL_GS_BASE);
}

void load_tls(const UserTls& tls) {
  if (g_features.fsgsbase) {
    asm volatile("wrfsbase %0\n\tswapgs\n\twrgsbase %1\n\tswapgs" ::"r"(tls.fs_base), "r"(tls.gs_base) : "memory");
    return;
  }
  write_msr(MSR_FS_BASE, tls.fs_base);
  write_msr(MSR_KERNEL_GS_BASE, tls.gs_base);
}

}  // namespace k::arch
