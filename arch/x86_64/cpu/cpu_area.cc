#include "arch/x86_64/cpu/cpu_area.h"

#include <cstring>

#include "arch/include/arch/cpu.h"
#include "arch/x86_64/boot/image.h"
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/cpu/control.h"
#include "arch/x86_64/cpu/msr.h"
#include "arch/x86_64/entry/idt.h"

extern "C" void ht_syscall_entry();

namespace k::arch {

constinit CpuBlock* g_cpu_blocks[kMaxCpus];
constinit unsigned g_cpu_count = 0;

namespace {

// Present, accessed; code and data of both rings. Source: Intel SDM volume 3, 3.4.5.
constexpr std::uint64_t kKernelCode = 0x00af'9b00'0000'ffff, kKernelData = 0x00cf'9300'0000'ffff;
constexpr std::uint64_t kUserCode32 = 0x00cf'fb00'0000'ffff, kUserData = 0x00cf'f300'0000'ffff,
                        kUserCode = 0x00af'fb00'0000'ffff;

constexpr std::size_t percpu_offset_in_area() { return (sizeof(CpuArea) + 63) & ~std::size_t{63}; }
std::size_t percpu_bytes() { return static_cast<std::size_t>(ht_percpu_end - ht_percpu_begin); }

void fill_descriptors(CpuArea& area) {
  area.gdt[KERNEL_CS / 8] = kKernelCode;
  area.gdt[KERNEL_DS / 8] = kKernelData;
  area.gdt[USER_CS32 / 8] = kUserCode32;
  area.gdt[USER_DS / 8] = kUserData;
  area.gdt[USER_CS / 8] = kUserCode;
  const auto tss = reinterpret_cast<std::uint64_t>(&area.tss);
  area.gdt[TSS_SELECTOR / 8] =
      (sizeof(Tss) - 1) | (tss & 0xff'ffff) << 16 | std::uint64_t{0x89} << 40 | (tss >> 24 & 0xff) << 56;
  area.gdt[TSS_SELECTOR / 8 + 1] = tss >> 32;
  area.tss.ist[0] = area.double_fault_stack.top();
  area.tss.ist[1] = area.nmi_stack.top();
  area.tss.ist[2] = area.machine_check_stack.top();
  area.tss.io_map_base = sizeof(Tss);  // no port is open to user mode
}

struct [[gnu::packed]] TablePointer {
  std::uint16_t limit;
  std::uint64_t base;
};

void load_descriptors(CpuArea& area) {
  const TablePointer gdt{sizeof area.gdt - 1, reinterpret_cast<std::uint64_t>(area.gdt)};
  asm volatile(
      "lgdt %0\n\t"
      "pushq %1\n\t"
      "leaq 1f(%%rip), %%rax\n\t"
      "pushq %%rax\n\t"
      "lretq\n"
      "1:\n\t"
      "movl %2, %%eax\n\t"
      "movl %%eax, %%ss\n\t"
      "xorl %%eax, %%eax\n\t"
      "movl %%eax, %%ds\n\t"
      "movl %%eax, %%es\n\t"
      "movl %%eax, %%fs\n\t"
      "movl %%eax, %%gs\n\t"
      "ltr %w3"
      :
      : "m"(gdt), "i"(KERNEL_CS), "i"(KERNEL_DS), "r"(TSS_SELECTOR)
      : "rax", "memory");
}

void set_syscall_entry() {
  // SYSRET: SS = base + 8, CS = base + 16, both with privilege 3. SYSCALL: CS = base, SS = base + 8.
  write_msr(MSR_STAR, std::uint64_t{USER_CS32} << 48 | std::uint64_t{KERNEL_CS} << 32);
  write_msr(MSR_LSTAR, reinterpret_cast<std::uint64_t>(&ht_syscall_entry));
  // Cleared on entry: all that a program can set.
  write_msr(MSR_SFMASK, 0x0025'7fd5);
}

}  // namespace

std::size_t CpuArea::bytes() { return lib::align_up(percpu_offset_in_area() + percpu_bytes(), kPageSize); }

CpuArea& init_cpu_area(void* memory, unsigned id) {
  auto& area = *static_cast<CpuArea*>(memory);
  fill_descriptors(area);
  area.machine_check_stack.block = area.nmi_stack.block = area.double_fault_stack.block = &area.block;
  auto* variables = static_cast<std::byte*>(memory) + percpu_offset_in_area();
  std::memcpy(variables, ht_percpu_begin, percpu_bytes());
  area.block = CpuBlock{};
  area.block.self = &area.block;
  area.block.cpu_id = id;
  area.block.stack_canary = hardware_entropy() & ~std::uint64_t{0xff};  // a zero byte stops string overruns
  area.block.percpu_offset =
      reinterpret_cast<std::uint64_t>(variables) - reinterpret_cast<std::uint64_t>(ht_percpu_begin);
  g_cpu_blocks[id] = &area.block;
  return area;
}

// Changes the canary under its own feet.
[[gnu::no_stack_protector]] void load_cpu_area(CpuArea& area) {
  load_descriptors(area);
  write_msr(MSR_GS_BASE, reinterpret_cast<std::uint64_t>(&area.block));
  write_msr(MSR_KERNEL_GS_BASE, 0);
  load_idt();
  set_syscall_entry();
  enable_protections(area.block.cpu_id);
}

}  // namespace k::arch
