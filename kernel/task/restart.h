/// What becomes of a system call that a signal interrupted.
///
/// Invariants  a call answers Errno::interrupted; its row in syscalls/table.def carries the policy; signal delivery
///             (kernel/task/signal_deliver.cc) is the one place that turns the pair into EINTR or a restart.
/// Source      signal(7) "Interruption of system calls and library functions by signal handlers".
#pragma once

#include <array>
#include <cstdint>

#include "kernel/lib/result.h"

namespace k::task {

class Task;

enum class Restart : std::uint8_t {
  never,       // EINTR
  sa_restart,  // again when no handler ran or the handler has SA_RESTART (Linux: ERESTARTSYS)
  no_handler,  // again only when no handler ran (ERESTARTNOHAND)
  block,       // continued by restart_syscall(2) when no handler ran (ERESTART_RESTARTBLOCK)
  always,      // again in any case (ERESTARTNOINTR)
};

/// How restart_syscall(2) continues a Restart::block call: what is left of its arguments.
struct RestartBlock {
  Result<std::int64_t> (*resume)(Task&, RestartBlock&) = nullptr;
  std::array<std::uint64_t, 5> words{};
};

}  // namespace k::task
