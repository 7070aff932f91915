#include <asm/signal.h>

#include "kernel/task/signal.h"
#include "syscalls/calls_signal.h"

namespace k::sys {
namespace {

using task::Action;
using task::SignalSet;

constexpr std::uint64_t kKnownFlags = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |
                                      SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER;

/// A signal that becomes ignored is also forgotten, wherever it waits. Source: POSIX 2.4.3.
void discard(task::Process::Signals& signals, int number) {
  const SignalSet gone = SignalSet::of(number);
  signals.pending.discard(gone);
  for (Task& thread : signals.threads) thread.pending.discard(gone);
}

}  // namespace

Result<void> rt_sigaction(Task& self, SignalNumber signal, UserIn<Action> action, UserOut<Action> former,
                          std::size_t set_size) {
  if (set_size != sizeof(std::uint64_t)) return err(Errno::inval);
  Action wanted;
  if (!action.is_null()) wanted = TRY(action.read());
  if (!task::is_signal(signal.number)) return err(Errno::inval);
  if (!action.is_null() && task::kUnblockable.has(signal.number)) return err(Errno::inval);
  wanted.flags &= kKnownFlags;
  wanted.mask &= ~task::kUnblockable.bits();
  Action before;
  {
    Locked signals{self.process().signals};
    const auto dispositions = signals->dispositions();
    if (!former.is_null()) before = dispositions->get(signal.number);
    if (!action.is_null()) {
      dispositions->set(signal.number, wanted);
      if (dispositions->is_ignored(signal.number)) [[unlikely]]
        discard(*signals, signal.number);
    }
  }
  if (!former.is_null()) TRY(former.write(before));
  return {};
}

}  // namespace k::sys
