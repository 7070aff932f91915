/// Brings up the machine around the boot CPU.
#pragma once

namespace k::arch {

/// ACPI, interrupt controllers, clocks. Boot CPU, interrupts off, before mm/phys: page tables come from early frames.
void init_platform();

}  // namespace k::arch
