/// sysfs.
/// Context     boot: register_sysfs. Errors NOMEM. Source: sysfs(5).
#pragma once

#include "kernel/lib/result.h"

namespace k::fs {

Result<void> register_sysfs();

}  // namespace k::fs
