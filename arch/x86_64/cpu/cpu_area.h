/// One CPU's own memory: emergency stacks, descriptor tables, CpuBlock, and its copy of the per-CPU variables.
///
/// Invariants  page-aligned and never freed. The word above each emergency stack holds the CpuBlock's address: entry
/// code loads GS from it. Source      Intel SDM volume 3, 3.5 (descriptors), 7.7 (64-bit TSS).
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/include/arch/percpu.h"
#include "kernel/lib/types.h"

namespace k::arch {

struct [[gnu::packed]] Tss {
  std::uint32_t reserved0;
  std::uint64_t rsp0, rsp1, rsp2, reserved1;
  std::uint64_t ist[7];
  std::uint64_t reserved2;
  std::uint16_t reserved3, io_map_base;
};
static_assert(sizeof(Tss) == 104);

template <std::size_t Bytes>
struct EmergencyStack {
  std::byte space[Bytes - 16];
  CpuBlock* block;
  std::uint64_t unused;
  std::uint64_t top() const { return reinterpret_cast<std::uint64_t>(&block); }
};

struct CpuArea {
  // A double fault is most often a kernel stack overflow: its handler panics and needs room to print.
  EmergencyStack<4096> machine_check_stack, nmi_stack;
  EmergencyStack<8192> double_fault_stack;
  std::uint64_t gdt[10];
  Tss tss;
  CpuBlock block;

  static CpuArea& of(CpuBlock& cpu) {
    return *reinterpret_cast<CpuArea*>(reinterpret_cast<char*>(&cpu) - offsetof(CpuArea, block));
  }
  /// Bytes of a whole area with its per-CPU variables, in whole pages.
  static std::size_t bytes();
};

/// IST slots: the index in the gate plus one.
enum class Ist : std::uint8_t { none = 0, double_fault = 1, nmi = 2, machine_check = 3 };

/// Fills zeroed memory of CpuArea::bytes() for CPU `id`.
CpuArea& init_cpu_area(void* memory, unsigned id);
/// Makes the running CPU use `area`: GS, descriptor tables, interrupt gates, system call entry, control registers.
void load_cpu_area(CpuArea& area);

}  // namespace k::arch
