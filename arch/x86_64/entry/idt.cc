#include "arch/x86_64/entry/idt.h"

#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/cpu_area.h"

extern "C" const std::byte ht_vector_stubs[];

namespace k::arch {
namespace {

struct Gate {
  std::uint16_t offset_low, selector;
  std::uint8_t ist, type;
  std::uint16_t offset_middle;
  std::uint32_t offset_high, reserved;
};
static_assert(sizeof(Gate) == 16);

constexpr std::size_t kStubBytes = 16;
constexpr std::uint8_t kInterruptGate = 0x8e, kUserCallable = 0x60;

alignas(4096) constinit Gate g_idt[256]{};

Ist stack_of(unsigned vector) {
  switch (vector) {
    case kDoubleFault:
      return Ist::double_fault;
    case kNmi:
      return Ist::nmi;
    case kMachineCheck:
      return Ist::machine_check;
    default:
      return Ist::none;
  }
}

}  // namespace

void init_idt() {
  for (unsigned v = 0; v < 256; ++v) {
    const auto at = reinterpret_cast<std::uint64_t>(ht_vector_stubs) + v * kStubBytes;
    const bool user_callable = v == kBreakpoint || v == kOverflow;
    g_idt[v] = {.offset_low = static_cast<std::uint16_t>(at),
                .selector = KERNEL_CS,
                .ist = static_cast<std::uint8_t>(stack_of(v)),
                .type = static_cast<std::uint8_t>(kInterruptGate | (user_callable ? kUserCallable : 0)),
                .offset_middle = static_cast<std::uint16_t>(at >> 16),
                .offset_high = static_cast<std::uint32_t>(at >> 32),
                .reserved = 0};
  }
}

void load_idt() {
  struct [[gnu::packed]] {
    std::uint16_t limit;
    std::uint64_t base;
  } const pointer{sizeof g_idt - 1, reinterpret_cast<std::uint64_t>(g_idt)};
  asm volatile("lidt %0" ::"m"(pointer));
}

}  // namespace k::arch
