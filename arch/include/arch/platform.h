/// The machine around the CPUs: early console, power, panic aids.
///
/// Context     console_write_raw and the panic aids: any, including panic with other CPUs stopped.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace k::arch {

struct Context;

/// Polled output on COM1 for the log before (and, on panic, without) the tty driver.
void console_write_raw(std::string_view text);
/// Stops the other CPUs by NMI (panic).
void stop_other_cpus();
/// ACPI S5 soft-off, then isa-debug-exit style fallbacks; returns when nothing worked.
void power_off();
/// FADT reset register, keyboard controller, triple fault.
[[noreturn]] void reboot();
/// Ends a panic: under QEMU with isa-debug-exit, leaves with a failure status; otherwise halts.
[[noreturn]] void panic_halt();

/// Walks frame pointers from `frame_pointer`; fills `out` with return addresses; returns how many.
std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> out);
/// The same for the thread that `context` belongs to, which is not running: only what lies on its stack is looked at, so that one
/// that wakes meanwhile does no harm. The stack must stay mapped.
std::size_t backtrace_of(const Context& context, const void* stack_top, std::span<std::uint64_t> out);
/// Function name and offset of a kernel address, from the linked-in symbol table; empty when unknown.
struct Symbol {
  std::string_view name;
  std::uint64_t offset;
};
Symbol symbolize(std::uint64_t address);

struct UserRegs;
/// What a fatal exception in the kernel means, in a few words.
std::string_view fault_reason(const UserRegs& regs, unsigned vector, std::uint64_t error_code, std::uint64_t address);

}  // namespace k::arch
