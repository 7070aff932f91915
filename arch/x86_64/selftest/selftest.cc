#include "arch/include/arch/selftest.h"

#include <cstring>

#include "arch/include/arch/context.h"
#include "arch/include/arch/percpu.h"
#include "arch/x86_64/memory/kernel_map.h"
#include "arch/x86_64/selftest/user_page.h"
#include "kernel/lib/assert.h"

namespace k::arch {
namespace {

constexpr std::uint8_t kReturn = 0xc3;

void call(void* code) { reinterpret_cast<void (*)()>(code)(); }

/// A store that the compiler can neither drop nor reason about.
void poke(const void* at) { asm volatile("movb $0, (%0)" ::"r"(at) : "memory"); }

void execute_user_memory() {
  std::uint8_t* page = map_user_page();
  if (page == nullptr) return;
  std::memset(page_of_user_page(), kReturn, 1);
  call(page);
}

void read_user_memory() {
  const std::uint8_t* page = map_user_page();
  if (page == nullptr) return;
  std::uint8_t byte;
  asm volatile("movb (%1), %0" : "=r"(byte) : "r"(page));
}

void execute_data() {
  static constinit std::uint8_t code[16] = {kReturn};
  call(code);
}

void write_text() { poke(reinterpret_cast<const void*>(&run_selftest)); }

void write_constant() {
  static constexpr std::uint8_t constant = 1;
  poke(&constant);
}

/// The direct map shows the kernel's code too, and must not be a way around.
void write_text_by_direct_map() { poke(phys_to_virt(image_to_phys(reinterpret_cast<const void*>(&run_selftest)))); }

/// `depth` never runs out, which the compiler cannot know.
[[gnu::noinline]] unsigned recurse(volatile unsigned char* from, std::uint64_t depth) {
  volatile unsigned char block[512];
  block[0] = *from;
  return depth == 0 ? block[0] : recurse(block, depth - 1) + block[1];
}
void overflow_stack() {
  unsigned char seed = 0;
  recurse(&seed, ~std::uint64_t{0});
}

[[gnu::noinline]] void overrun_buffer(std::size_t bytes) {
  char buffer[16];
  char* volatile at = buffer;
  std::memset(at, 'x', bytes);
}

/// User code asks for the descriptor table's address: a general protection fault under UMIP (SIGSEGV), else it goes on to UD2
/// (SIGILL). Either kills the first process, which the panic names.
void ask_for_descriptor_table() {
  constexpr std::uint8_t kCode[] = {0x0f, 0x01, 0x05, 0xf9, 0x00, 0x00, 0x00, 0x0f, 0x0b};  // sgdt 0xf9(%rip); ud2
  const std::uint8_t* page = map_user_page();
  if (page == nullptr) return;
  std::memcpy(page_of_user_page(), kCode, sizeof kCode);
  const auto at = reinterpret_cast<std::uint64_t>(page);
  UserRegs* regs = user_regs_of(reinterpret_cast<void*>(this_cpu_block().kernel_stack_top));
  *regs = fresh_user_regs(at, at + kPageSize / 2);
  enter_user_mode(regs);
}

struct Selftest {
  std::string_view name;
  void (*run)();
};
constexpr Selftest kSelftests[] = {
    {"smep", execute_user_memory},
    {"smap", read_user_memory},
    {"nx", execute_data},
    {"wx-text", write_text},
    {"wx-rodata", write_constant},
    {"wx-alias", write_text_by_direct_map},
    {"guard-page", overflow_stack},
    {"umip", ask_for_descriptor_table},
    {"stack-protector", [] { overrun_buffer(64); }},
    {"panic", [] { HT_VERIFY(!"selftest=panic"); }},
};

}  // namespace

void run_selftest(std::string_view name) {
  for (const Selftest& test : kSelftests) {
    if (test.name == name) test.run();
  }
}

}  // namespace k::arch
