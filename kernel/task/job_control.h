/// kernel/task's side of drivers/core/tty_owner.h.
/// Context     boot, once.
#pragma once

namespace k::task {

void register_job_control();

}  // namespace k::task
