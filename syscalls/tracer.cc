#include "syscalls/tracer.h"

#include <asm/unistd_64.h>

#include <array>
#include <bitset>

#include "kernel/log/log.h"
#include "syscalls/calls.h"

namespace k::sys {
namespace {

constexpr unsigned kSlots = 512;

struct Row {
  std::string_view name;
  void (*arguments)(TraceLine&, const arch::UserRegs&) = nullptr;
};

constexpr std::array<Row, kSlots> make_rows() {
  std::array<Row, kSlots> rows;
#define SYSCALL(name, policy) rows[__NR_##name] = Row{#name, &Call<&name, policy>::trace};
#define PARTIAL(name, policy, missing) SYSCALL(name, policy)
#include "syscalls/table.def"
#undef PARTIAL
#undef SYSCALL
  return rows;
}
constexpr std::array<Row, kSlots> kRows = make_rows();

constinit std::bitset<kSlots> g_traced;

bool names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

void put_call(TraceLine& line, const Row& row, unsigned number, const arch::UserRegs& regs) {
  if (row.arguments == nullptr) {
    line.put("syscall_");
    line.put_unsigned(number);
    line.put("()");
    return;
  }
  line.put(row.name);
  line.put('(');
  row.arguments(line, regs);
  line.put(')');
}

bool never_returns(unsigned number) { return number == __NR_exit || number == __NR_exit_group; }

void print(const Task& self, const TraceLine& line) { log::info("[{} {}] {}", self.tid(), self.name(), line.text()); }

}  // namespace

void set_trace_filter(std::string_view filter) {
  const bool all = filter == "all" || filter == "1";
  for (unsigned i = 0; i < kSlots; ++i)
    g_traced[i] = all || (kRows[i].arguments != nullptr && names(filter, kRows[i].name));
}

std::int64_t trace_call(Task& self, const arch::UserRegs& regs, Entry call) {
  const auto number = static_cast<std::uint32_t>(regs.orig_rax);
  if (number >= kSlots || !g_traced[number]) return call(self, regs);
  TraceLine line;
  put_call(line, kRows[number], number, regs);
  if (never_returns(number)) {
    line.put(" = ?");
    print(self, line);
    return call(self, regs);
  }
  const std::int64_t result = call(self, regs);
  if (self.was_interrupted) {
    line.put(" = ? (interrupted)");
  } else {
    line.put_result(result);
  }
  print(self, line);
  return result;
}

}  // namespace k::sys
