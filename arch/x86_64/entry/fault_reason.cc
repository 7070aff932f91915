// What a fatal exception in the kernel means, for the panic's first line.
#include "arch/include/arch/platform.h"
#include "arch/include/arch/user_regs.h"
#include "arch/x86_64/entry/idt.h"
#include "kernel/lib/types.h"

namespace k::arch {
namespace {

constexpr std::uint64_t kLowerHalfEnd = std::uint64_t{1} << 47;
enum ErrorBit : std::uint64_t { kPresent = 1, kWrite = 2, kFetch = 16 };

std::string_view page_fault_reason(std::uint64_t error, std::uint64_t address) {
  const bool user_half = address < kLowerHalfEnd;
  if ((error & kFetch) != 0) return user_half ? "execute of user memory (SMEP)" : "execute of data (no-execute page)";
  if (address < kPageSize) return "null pointer dereference";
  if (user_half) return "access to user memory outside a user copy (SMAP)";
  if ((error & kPresent) == 0) return "access to unmapped kernel memory";
  return (error & kWrite) != 0 ? "write to read-only kernel memory" : "page fault";
}

/// The frame did not fit: the fault that became a double fault is at or just below the stack pointer.
bool is_stack_overflow(const UserRegs& regs, std::uint64_t address) {
  return address <= regs.rsp && regs.rsp - address < 2 * kPageSize;
}

}  // namespace

std::string_view fault_reason(const UserRegs& regs, unsigned vector, std::uint64_t error, std::uint64_t address) {
  switch (vector) {
    case kDivideError:
      return "division by zero";
    case kNmi:
      return "non-maskable interrupt";
    case kInvalidOpcode:
      return "invalid opcode (a compiler's check, if it is ud1 or ud2)";
    case kDoubleFault:
      return is_stack_overflow(regs, address) ? "kernel stack overflow (guard page hit)" : "double fault";
    case kGeneralProtection:
      return "general protection fault";
    case kPageFault:
      return page_fault_reason(error, address);
    case kMachineCheck:
      return "machine check";
    default:
      return "unexpected exception";
  }
}

}  // namespace k::arch
