/// /dev/kmsg: the kernel log, one record a read; a write adds a record.
/// Errors      read: AGAIN, PIPE (the record was overwritten), INVAL (buffer too small). Source: Linux's ABI/testing/dev-kmsg.
#pragma once

#include "kernel/lib/result.h"

namespace k::drivers {

Result<void> register_kmsg();

}  // namespace k::drivers
