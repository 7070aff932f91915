#include "arch/x86_64/platform/init.h"

#include "arch/include/arch/boot_info.h"
#include "arch/include/arch/platform.h"
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/apic/io_apic.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/apic/timer.h"
#include "arch/x86_64/smp/cpus.h"
#include "arch/x86_64/smp/low_memory.h"
#include "arch/x86_64/time/calibrate.h"

namespace k::arch {

void init_platform() {
  if (!acpi::read_machine(boot_info().rsdp))
    console_write_raw("hardtack: no ACPI tables; assuming a plain PC with one CPU\n");
  apic::disable_pic();
  apic::init(acpi::machine().local_apic);
  apic::enable();
  set_apic_id(0, apic::id());
  apic::init_io_apics();
  time::calibrate();
  apic::enable_timer();
  if (acpi::machine().cpu_count > 1) reserve_low_memory();
}

}  // namespace k::arch
