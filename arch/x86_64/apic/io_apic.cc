#include "arch/x86_64/apic/io_apic.h"

#include "arch/include/arch/interrupts.h"
#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/cpu/mmio.h"
#include "arch/x86_64/cpu/raw_lock.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/smp/cpus.h"

namespace k::arch {
namespace {

using acpi::Polarity;
using acpi::Trigger;

constexpr std::uint64_t kSelect = 0x00, kWindow = 0x10;
constexpr std::uint32_t kVersion = 0x01, kRedirection = 0x10;
constexpr std::uint32_t kMasked = 1 << 16, kLevel = 1 << 15, kActiveLow = 1 << 13;
constexpr unsigned kDeviceVectors = kLastDevice - kFirstDevice + 1;

struct Controller {
  void* registers = nullptr;
  std::uint32_t first_gsi = 0, lines = 0;
};
/// Where a vector comes from.
struct Route {
  Controller* controller = nullptr;
  std::uint32_t line = 0;
};

RawLock g_lock;  // the select/window pair, g_routes
constinit Controller g_controllers[acpi::Machine::kMaxIoApics]{};
constinit Route g_routes[kDeviceVectors]{};

std::uint32_t read(const Controller& c, std::uint32_t reg) {
  mmio_write(c.registers, kSelect, reg);
  return mmio_read<std::uint32_t>(c.registers, kWindow);
}
void write(const Controller& c, std::uint32_t reg, std::uint32_t value) {
  mmio_write(c.registers, kSelect, reg);
  mmio_write(c.registers, kWindow, value);
}
constexpr std::uint32_t low_word(std::uint32_t line) { return kRedirection + 2 * line; }

Controller* controller_of(std::uint32_t gsi) {
  for (Controller& c : g_controllers) {
    if (c.registers != nullptr && gsi >= c.first_gsi && gsi - c.first_gsi < c.lines) return &c;
  }
  return nullptr;
}

/// Vectors of one priority class share a bit of the task priority; order does not matter, so the first free one serves.
unsigned free_slot() {
  unsigned slot = 0;
  while (slot < kDeviceVectors && g_routes[slot].controller != nullptr) ++slot;
  return slot;
}

Result<unsigned> route(std::uint32_t gsi, Polarity polarity, Trigger trigger, unsigned cpu) {
  Controller* controller = controller_of(gsi);
  if (controller == nullptr) return err(Errno::nodev);
  const RawLock::Held held{g_lock};
  const unsigned slot = free_slot();
  if (slot == kDeviceVectors) return err(Errno::nospc);
  const std::uint32_t line = gsi - controller->first_gsi;
  g_routes[slot] = {controller, line};
  write(*controller, low_word(line) + 1, apic_id_of(cpu) << 24);
  write(*controller, low_word(line),
        kMasked | (trigger == Trigger::level ? kLevel : 0) | (polarity == Polarity::low ? kActiveLow : 0) |
            (kFirstDevice + slot));
  return kFirstDevice + slot;
}

void set_mask(unsigned vector, bool masked) {
  if (vector < kFirstDevice || vector > kLastDevice) return;
  const RawLock::Held held{g_lock};
  const Route& r = g_routes[vector - kFirstDevice];
  if (r.controller == nullptr) return;
  const std::uint32_t entry = read(*r.controller, low_word(r.line));
  write(*r.controller, low_word(r.line), masked ? entry | kMasked : entry & ~kMasked);
}

}  // namespace

Result<unsigned> irq_route_isa(unsigned isa_irq, unsigned cpu) {
  if (isa_irq >= acpi::Machine::kIsaLines) return err(Errno::nodev);
  const acpi::IsaLine& line = acpi::machine().isa[isa_irq];
  return route(line.gsi, line.polarity, line.trigger, cpu);
}
/// PCI lines are level-triggered and active low. Source: PCI Local Bus 3.0, 2.2.6.
Result<unsigned> irq_route_gsi(unsigned gsi, unsigned cpu) { return route(gsi, Polarity::low, Trigger::level, cpu); }
void irq_mask(unsigned vector) { set_mask(vector, true); }
void irq_unmask(unsigned vector) { set_mask(vector, false); }

namespace apic {

void init_io_apics() {
  const acpi::Machine& machine = acpi::machine();
  for (unsigned i = 0; i < machine.io_apic_count; ++i) {
    Controller& c = g_controllers[i];
    c.registers = map_device(machine.io_apics[i].base, kPageSize);
    if (c.registers == nullptr) continue;
    c.first_gsi = machine.io_apics[i].first_gsi;
    c.lines = (read(c, kVersion) >> 16 & 0xff) + 1;
    for (std::uint32_t line = 0; line < c.lines; ++line) write(c, low_word(line), kMasked);
  }
}

}  // namespace apic
}  // namespace k::arch
