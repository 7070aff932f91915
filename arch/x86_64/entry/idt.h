/// The interrupt descriptor table and the vectors in it.
///
/// Invariants  one table for all CPUs; gates clear the interrupt flag. 3 (INT3) and 4 (INTO) may be raised by user
/// code. Source      Intel SDM volume 3, 6.10-6.15.
#pragma once

#include <cstdint>

namespace k::arch {

enum Vector : unsigned {
  kDivideError = 0,
  kDebug = 1,
  kNmi = 2,
  kBreakpoint = 3,
  kOverflow = 4,
  kBoundRange = 5,
  kInvalidOpcode = 6,
  kDoubleFault = 8,
  kSegmentNotPresent = 11,
  kStackFault = 12,
  kGeneralProtection = 13,
  kPageFault = 14,
  kFloatingPoint = 16,
  kAlignmentCheck = 17,
  kMachineCheck = 18,
  kSimdFloatingPoint = 19,
  kFirstDevice = 0x30,
  kLastDevice = 0xef,
  kTimerVector = 0xf0,
  kRescheduleVector = 0xf1,
  kCallVector = 0xf2,
  kSpuriousVector = 0xff,
};

void init_idt();
void load_idt();

}  // namespace k::arch
