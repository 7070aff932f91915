#include "arch/x86_64/acpi/machine.h"

#include "arch/x86_64/acpi/tables.h"

namespace k::arch::acpi {
namespace {

constinit Machine g_machine{};

void set_defaults(Machine& m) {
  m.local_apic = PhysAddr{0xfee0'0000};
  for (unsigned line = 0; line < Machine::kIsaLines; ++line) m.isa[line] = {line, Polarity::high, Trigger::edge};
}

void read_hpet(Machine& m) {
  const auto* hpet = find<Hpet>("HPET");
  if (hpet != nullptr && hpet->base.space == 0) m.hpet = PhysAddr{hpet->base.address};
}

void read_mcfg(Machine& m) {
  const auto* mcfg = find<Mcfg>("MCFG");
  if (mcfg == nullptr || mcfg->first.segment != 0) return;
  m.pci_window = PhysAddr{mcfg->first.base};
  m.pci_first_bus = mcfg->first.first_bus;
  m.pci_last_bus = mcfg->first.last_bus;
}

}  // namespace

const Machine& machine() { return g_machine; }

bool read_machine(PhysAddr rsdp) {
  set_defaults(g_machine);
  if (!find_root(rsdp)) {
    g_machine.io_apics[g_machine.io_apic_count++] = {PhysAddr{0xfec0'0000}, 0};
    return false;
  }
  read_madt(g_machine);
  read_fadt(g_machine);
  read_hpet(g_machine);
  read_mcfg(g_machine);
  return true;
}

}  // namespace k::arch::acpi
