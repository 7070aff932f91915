#include "syscalls/dispatch.h"

#include <asm/unistd_64.h>

#include <array>

#include "arch/include/arch/upcalls.h"
#include "syscalls/calls.h"
#include "syscalls/tracer.h"

namespace k::sys {
namespace {

constexpr unsigned kSlots = 512;
using Table = std::array<Entry, kSlots>;

std::int64_t absent(Task&, const arch::UserRegs&) { return -static_cast<std::int64_t>(Errno::nosys); }

constexpr Table make_table() {
  Table table;
  table.fill(&absent);
#define SYSCALL(name, policy) table[__NR_##name] = &Call<&name, policy>::run;
#define PARTIAL(name, policy, missing) SYSCALL(name, policy)
#include "syscalls/table.def"
#undef PARTIAL
#undef SYSCALL
  return table;
}

constexpr Table kTable = make_table();

std::int64_t call(Task& self, const arch::UserRegs& regs) {
  const auto number = static_cast<std::uint32_t>(regs.orig_rax);
  return number < kSlots ? kTable[number](self, regs) : -static_cast<std::int64_t>(Errno::nosys);
}

/// The tracer's table sends every number through one function, so that an untraced kernel pays nothing for it.
std::int64_t traced(Task& self, const arch::UserRegs& regs) { return trace_call(self, regs, &call); }
constexpr Table make_traced_table() {
  Table table;
  table.fill(&traced);
  return table;
}
constexpr Table kTracedTable = make_traced_table();

constinit const Entry* g_table = kTable.data();

}  // namespace

std::int64_t note_interrupted(Task& self, Restart policy) {
  self.was_interrupted = true;
  self.interrupted_policy = std::exchange(self.restart_override, std::nullopt).value_or(policy);
  return -static_cast<std::int64_t>(Errno::intr);
}

void start_tracing(std::string_view filter) {
  set_trace_filter(filter);
  __atomic_store_n(&g_table, kTracedTable.data(), __ATOMIC_RELAXED);
}

}  // namespace k::sys

namespace k::arch {

extern "C" void ht_on_syscall(UserRegs* regs) {
  const auto number = static_cast<std::uint32_t>(regs->orig_rax);
  const std::int64_t result =
      number < sys::kSlots ? sys::g_table[number](task::current(), *regs) : -static_cast<std::int64_t>(Errno::nosys);
  regs->set_return(result);
}

}  // namespace k::arch
