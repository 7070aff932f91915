// MADT: CPUs, I/O APICs, and where ISA interrupts really go.
// Source: ACPI 6.4, 5.2.12.
#include <cstring>

#include "arch/x86_64/acpi/machine.h"
#include "arch/x86_64/acpi/tables.h"

namespace k::arch::acpi {
namespace {

enum EntryType : std::uint8_t { kLocalApic = 0, kIoApic = 1, kOverride = 2, kLocalApicAddress = 5, kLocalX2apic = 9 };

struct [[gnu::packed]] Entry {
  std::uint8_t type, length;
};
struct [[gnu::packed]] LocalApicEntry {
  Entry entry;
  std::uint8_t processor, apic_id;
  std::uint32_t flags;
};
struct [[gnu::packed]] IoApicEntry {
  Entry entry;
  std::uint8_t id, reserved;
  std::uint32_t address, first_gsi;
};
struct [[gnu::packed]] OverrideEntry {
  Entry entry;
  std::uint8_t bus, source;
  std::uint32_t gsi;
  std::uint16_t flags;
};
struct [[gnu::packed]] AddressEntry {
  Entry entry;
  std::uint16_t reserved;
  std::uint64_t address;
};
struct [[gnu::packed]] LocalX2apicEntry {
  Entry entry;
  std::uint16_t reserved;
  std::uint32_t apic_id, flags, processor;
};
constexpr std::uint32_t kEnabled = 1;

/// A CPU may be listed twice, once per form of APIC id: starting it again would reset it.
void add_cpu(Machine& m, std::uint32_t apic_id, std::uint32_t flags) {
  for (unsigned i = 0; i < m.cpu_count; ++i) {
    if (m.apic_ids[i] == apic_id) return;
  }
  if ((flags & kEnabled) != 0 && m.cpu_count < kMaxCpus) m.apic_ids[m.cpu_count++] = apic_id;
}

/// MPS INTI flags: 0 and 1 in either field mean the ISA default, edge and active high.
void add_override(Machine& m, const OverrideEntry& e) {
  if (e.source >= Machine::kIsaLines) return;
  const bool low = (e.flags & 3) == 3, level = (e.flags >> 2 & 3) == 3;
  m.isa[e.source] = {e.gsi, low ? Polarity::low : Polarity::high, level ? Trigger::level : Trigger::edge};
}

/// `at` copied out as a T when the entry is long enough.
template <class T, class Use>
void with(const std::byte* at, std::size_t length, Use use) {
  if (length < sizeof(T)) return;
  T copy;
  std::memcpy(&copy, at, sizeof copy);
  use(copy);
}

void read_entry(Machine& m, const std::byte* at, const Entry& entry) {
  const std::size_t n = entry.length;
  switch (entry.type) {
    case kLocalApic:
      return with<LocalApicEntry>(at, n, [&](const auto& e) { add_cpu(m, e.apic_id, e.flags); });
    case kLocalX2apic:
      return with<LocalX2apicEntry>(at, n, [&](const auto& e) { add_cpu(m, e.apic_id, e.flags); });
    case kIoApic:
      return with<IoApicEntry>(at, n, [&](const auto& e) {
        if (m.io_apic_count < Machine::kMaxIoApics) m.io_apics[m.io_apic_count++] = {PhysAddr{e.address}, e.first_gsi};
      });
    case kOverride:
      return with<OverrideEntry>(at, n, [&](const auto& e) { add_override(m, e); });
    case kLocalApicAddress:
      return with<AddressEntry>(at, n, [&](const auto& e) { m.local_apic = PhysAddr{e.address}; });
    default:
      return;
  }
}

}  // namespace

void read_madt(Machine& m) {
  const auto* madt = find<Madt>("APIC");
  if (madt == nullptr) return;
  m.local_apic = PhysAddr{madt->local_apic};
  const auto* at = reinterpret_cast<const std::byte*>(madt + 1);
  const auto* end = reinterpret_cast<const std::byte*>(madt) + madt->header.length;
  while (end - at >= static_cast<std::ptrdiff_t>(sizeof(Entry))) {
    const auto& entry = *reinterpret_cast<const Entry*>(at);
    if (entry.length < sizeof(Entry) || entry.length > end - at) return;
    read_entry(m, at, entry);
    at += entry.length;
  }
}

}  // namespace k::arch::acpi
