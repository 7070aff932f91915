/// What poll, ppoll, select and pselect6 share: the loop of looking and sleeping, timeouts, signal masks.
///
/// Context     task context.
/// Errors      interrupted, NOMEM; INVAL (timeout, mask size), FAULT.
/// Source      poll(2), select(2).
#pragma once

#include <linux/time_types.h>

#include "fs/vfs/poll_wait.h"
#include "kernel/time/deadline.h"
#include "syscalls/fs_args.h"

namespace k::sys {

/// Calls look(PollWait*) until it finds something ready or the deadline passes; answers what it last said. The hooks are set
/// during the first look only; without time to wait none is set at all.
template <class Look>
Result<int> wait_for_ready(Deadline deadline, Look look) {
  if (deadline.passed()) return look(nullptr);
  fs::PollWait wait;
  int ready = look(&wait);
  TRY(wait.status());
  while (ready == 0) {
    const auto woken = wait.wait(deadline);
    ready = look(nullptr);
    if (ready != 0 || woken) continue;
    if (woken.error() == Errno::timedout) return 0;
    return err(woken.error());
  }
  return ready;
}

/// A relative timeout; a null pointer waits for ever.
Result<Deadline> read_timeout(UserIn<uapi::__kernel_timespec> timeout);
/// Installs the signal mask of ppoll and pselect6 for the length of the wait.
Result<void> block_for_wait(Task& self, UserIn<std::uint64_t> mask, std::size_t size);
/// After the wait: the mask goes back unless a signal is to be taken, and `timeout` gets what is left.
Result<int> end_wait(Task& self, Result<int> outcome, UserInOut<uapi::__kernel_timespec> timeout, Deadline deadline);

}  // namespace k::sys
