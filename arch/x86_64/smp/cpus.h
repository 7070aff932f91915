/// The CPUs by id.
#pragma once

#include <cstdint>

namespace k::arch {

std::uint32_t apic_id_of(unsigned cpu);
void set_apic_id(unsigned cpu, std::uint32_t id);

}  // namespace k::arch
