// FS and GS base of user threads. In the kernel the user's GS base waits behind SWAPGS.
// Source: Intel SDM volume 2, SWAPGS, RDFSBASE; volume 3, 3.4.4.
#include "arch/include/arch/context.h"
#include "arch/include/arch/cpu.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/cpu/msr.h"
#include "kernel/lib/assert.h"

namespace k::arch {

// An interrupt between the two SWAPGS would run on the user's GS.
void save_tls(UserTls& tls) {
  HT_ASSERT(!interrupts_enabled());
  if (!g_features.fsgsbase) {
    tls = {read_msr(MSR_FS_BASE), read_msr(MSR_KERNEL_GS_BASE)};
    return;
  }
  asm volatile("rdfsbase %0" : "=r"(tls.fs_base));
  asm volatile("swapgs; rdgsbase %0; swapgs" : "=r"(tls.gs_base));
}

void load_tls(const UserTls& tls) {
  HT_ASSERT(!interrupts_enabled());
  if (!g_features.fsgsbase) {
    write_msr(MSR_FS_BASE, tls.fs_base);
    write_msr(MSR_KERNEL_GS_BASE, tls.gs_base);
    return;
  }
  asm volatile("wrfsbase %0" ::"r"(tls.fs_base));
  asm volatile("swapgs; wrgsbase %0; swapgs" ::"r"(tls.gs_base));
}

}  // namespace k::arch
