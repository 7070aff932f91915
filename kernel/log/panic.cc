// A panic: the reason, registers, backtrace, CPU, thread, the last lines of the log, and the end.
#include <atomic>

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/platform.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/lib/assert.h"
#include "kernel/log/log.h"
#include "kernel/log/ring.h"
#include "kernel/sched/thread.h"

namespace k {
namespace {

constexpr std::size_t kLastLines = 12;
std::atomic<unsigned> panicking{0};  // 1 + CPU

template <class... Args>
void say(lib::FormatString<Args...> format, const Args&... args) {
  char line[log::kMaxMessage + 64];
  arch::console_write_raw({line, lib::format_to<Args...>(line, format, args...)});
}

/// True for the first CPU that gets here. Others stop; a panic within the panic only halts.
bool claim() {
  unsigned expected = 0;
  const unsigned self = arch::cpu_id() + 1;
  if (panicking.compare_exchange_strong(expected, self)) return true;
  if (expected == self) arch::panic_halt();
  arch::halt_forever();
}

void say_backtrace(std::uint64_t frame_pointer) {
  std::uint64_t frames[32];
  const std::size_t n = arch::backtrace(frame_pointer, frames);
  say("backtrace:\n");
  for (std::size_t i = 0; i < n; ++i) {
    const arch::Symbol symbol = arch::symbolize(frames[i]);
    say("  {:016x} {}+{:#x}\n", frames[i], symbol.name.empty() ? std::string_view{"?"} : symbol.name, symbol.offset);
  }
}

void say_registers(const arch::UserRegs& r) {
  const arch::Symbol at = arch::symbolize(r.rip);
  say("rip {:016x} {}+{:#x}  rflags {:x}  cs {:x}  ss {:x}\n", r.rip, at.name, at.offset, r.rflags, r.cs, r.ss);
  say("rax {:016x} rbx {:016x} rcx {:016x} rdx {:016x}\n", r.rax, r.rbx, r.rcx, r.rdx);
  say("rsi {:016x} rdi {:016x} rbp {:016x} rsp {:016x}\n", r.rsi, r.rdi, r.rbp, r.rsp);
  say("r8  {:016x} r9  {:016x} r10 {:016x} r11 {:016x}\n", r.r8, r.r9, r.r10, r.r11);
  say("r12 {:016x} r13 {:016x} r14 {:016x} r15 {:016x}\n", r.r12, r.r13, r.r14, r.r15);
}

void say_where() {
  const auto* thread = static_cast<const sched::Thread*>(arch::current_thread());
  say("cpu {}, thread {}, preempt count {}, irq depth {}\n", arch::cpu_id(),
      thread != nullptr ? thread->name() : std::string_view{"(none)"}, arch::preempt_count(),
      arch::this_cpu_block().irq_depth);
}

[[noreturn]] void end() {
  log::print_last_lines(kLastLines);
  say("---[ end of kernel panic ]---\n");
  arch::panic_halt();
}

[[noreturn]] void panic_at(std::uint64_t frame_pointer, std::string_view format, std::span<const lib::FormatArg> args) {
  arch::interrupts_disable();
  claim();
  arch::stop_other_cpus();
  char text[log::kMaxMessage];
  lib::TextBuffer reason{text};
  reason.put_formatted(format, args);
  say("\n---[ kernel panic: {} ]---\n", reason.view());
  say_where();
  say_backtrace(frame_pointer);
  end();
}

std::uint64_t frame_here() { return reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)); }

}  // namespace

void panic_formatted(std::string_view format, std::span<const lib::FormatArg> args) {
  panic_at(frame_here(), format, args);
}

}  // namespace k

#if !defined(HT_HOST)
void k::lib::fail(const char* what, const char* file, int line) {
  const FormatArgs<3> args{what, file, line};
  panic_at(frame_here(), "check failed: {} at {}:{}", args.span());
}
#endif

namespace k::arch {
void ht_kernel_fault(const UserRegs* regs, unsigned vector, std::uint64_t error_code, std::uint64_t address) {
  interrupts_disable();
  claim();
  stop_other_cpus();
  say("\n---[ kernel panic: {}: exception {} (error {:#x}, address {:#x}) in kernel mode ]---\n",
      fault_reason(*regs, vector, error_code, address), vector, error_code, address);
  say_where();
  say_registers(*regs);
  say_backtrace(regs->rbp);
  end();
}
}  // namespace k::arch
