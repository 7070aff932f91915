// vhangup.
#include "drivers/core/tty_owner.h"
#include "kernel/task/task.h"
#include "syscalls/calls_tty.h"

namespace k::sys {

/// Without a controlling terminal there is nothing to hang up, and that is success.
Result<void> vhangup(Task& self) {
  if (!self.creds().has(CAP_SYS_TTY_CONFIG)) return err(Errno::perm);
  if (const auto terminal = drivers::job_control().controlling_terminal()) terminal->hang_up();
  return {};
}

}  // namespace k::sys
