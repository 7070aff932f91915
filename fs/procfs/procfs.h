/// procfs.
/// Context     boot: register_procfs. Errors NOMEM. Source: proc(5).
#pragma once

#include "kernel/lib/result.h"

namespace k::fs {

Result<void> register_procfs();

}  // namespace k::fs
