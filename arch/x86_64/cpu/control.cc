#include "arch/x86_64/cpu/control.h"

#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/cpu/msr.h"
#include "arch/x86_64/fpu/xsave.h"

namespace k::arch {

void enable_protections(unsigned cpu) {
  const Features& f = g_features;
  std::uint64_t cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
  if (f.pge) cr4 |= CR4_PGE;
  if (f.smep) cr4 |= CR4_SMEP;
  if (f.smap) cr4 |= CR4_SMAP;
  if (f.umip) cr4 |= CR4_UMIP;
  if (f.fsgsbase) cr4 |= CR4_FSGSBASE;
  if (f.xsave) cr4 |= CR4_OSXSAVE;
  write_cr4(cr4);
  // AM: a program may ask for alignment checks, as on Linux.
  write_cr0(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
  if (f.xsave) write_xcr0(xsave_components());
  if (f.rdtscp || f.rdpid) write_msr(MSR_TSC_AUX, cpu);
}

}  // namespace k::arch
