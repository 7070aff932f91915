/// From a system call number to its handler: one constexpr table of direct calls, made from table.def.
///
/// Invariants  the number comes from <asm/unistd_64.h>, the argument types from the handler's signature, the restart policy
///             from the row. The sign of an error flips here and nowhere else. A number without a row answers ENOSYS.
/// Context     task context, interrupts on.
/// Source      syscall(2), <asm/unistd_64.h>.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "arch/include/arch/user_regs.h"
#include "kernel/lib/result.h"
#include "kernel/task/restart.h"
#include "kernel/task/task.h"
#include "syscalls/convert.h"

namespace k::sys {

using task::Restart;
using task::Task;
using Entry = std::int64_t (*)(Task&, const arch::UserRegs&);

/// The I-th argument register. Source: System V ABI, A.2.1.
template <std::size_t I>
inline std::uint64_t argument(const arch::UserRegs& regs) {
  static_assert(I < 6);
  if constexpr (I == 0) return regs.rdi;
  if constexpr (I == 1) return regs.rsi;
  if constexpr (I == 2) return regs.rdx;
  if constexpr (I == 3) return regs.r10;
  if constexpr (I == 4) return regs.r8;
  if constexpr (I == 5) return regs.r9;
}

/// Notes that the running call was interrupted under `policy`; signal delivery decides what user space sees.
[[gnu::cold]] std::int64_t note_interrupted(Task& self, Restart policy);

inline std::int64_t encode_error(Task& self, Errno error, Restart policy) {
  if (error == Errno::interrupted) [[unlikely]]
    return note_interrupted(self, policy);
  return -static_cast<std::int64_t>(error);
}

template <class T>
inline std::int64_t encode_value(const T& value) {
  if constexpr (requires { value.value; }) {
    return static_cast<std::int64_t>(value.value);  // UserAddr
  } else if constexpr (std::is_same_v<T, Fd>) {
    return value.number;
  } else {
    return static_cast<std::int64_t>(value);
  }
}

template <auto Handler, Restart Policy>
struct Call;

template <class Return, class... Args, Return (*Handler)(Task&, Args...), Restart Policy>
struct Call<Handler, Policy> {
  static std::int64_t run(Task& self, const arch::UserRegs& regs) {
    return run_with(self, regs, std::index_sequence_for<Args...>{});
  }
  static void trace(TraceLine& line, const arch::UserRegs& regs) {
    trace_with(line, regs, std::index_sequence_for<Args...>{});
  }

 private:
  template <std::size_t... I>
  static std::int64_t run_with(Task& self, [[maybe_unused]] const arch::UserRegs& regs, std::index_sequence<I...>) {
    return encode(self, Handler(self, Convert<Args>::from(argument<I>(regs))...));
  }
  template <std::size_t... I>
  static void trace_with(TraceLine& line, [[maybe_unused]] const arch::UserRegs& regs, std::index_sequence<I...>) {
    (((I > 0 ? line.put(", ") : void()), Convert<Args>::trace(line, Convert<Args>::from(argument<I>(regs)))), ...);
  }
  template <class T>
  static std::int64_t encode(Task& self, const lib::Result<T>& result) {
    if (!result) [[unlikely]]
      return encode_error(self, result.error(), Policy);
    if constexpr (std::is_void_v<T>) {
      return 0;
    } else {
      return encode_value(*result);
    }
  }
  template <class T>
    requires std::is_integral_v<T>
  static std::int64_t encode(Task&, T value) {
    return static_cast<std::int64_t>(value);
  }
};

/// Starts tracing the calls that `filter` names ("all" or a comma-separated list): the `trace=` of the command line.
void start_tracing(std::string_view filter);

}  // namespace k::sys
