/// What this machine's CPUs can do, as far as the kernel cares.
///
/// Invariants  read once on the boot CPU; every CPU is taken to be alike.
/// Source      Intel SDM volume 2, CPUID.
#pragma once

#include <cstdint>

namespace k::arch {

struct Features {
  bool smep, smap, umip, fsgsbase, pge;
  bool x2apic, tsc_deadline, rdtscp, rdpid;
  bool xsave, xsaveopt, xgetbv1, avx;
  bool rdrand, rdseed, erms;
};
extern constinit Features g_features;

/// Fills g_features.
void detect_features();

}  // namespace k::arch
