/// /dev/null, /dev/zero, /dev/full, /dev/random, /dev/urandom.
/// Errors      register: NOMEM. write to full: NOSPC. Source: null(4), full(4), random(4).
#pragma once

#include "kernel/lib/result.h"

namespace k::drivers {

Result<void> register_memory_devices();

}  // namespace k::drivers
