/// devtmpfs: a tmpfs whose nodes appear as drivers register their devices.
///
/// Invariants  there is one instance, however often it is mounted; it lives for good. User space may change it like any tmpfs.
/// Context     task context.
/// Errors      NOMEM.
/// Source      Linux's admin-guide/devices.txt.
#pragma once

#include "kernel/lib/result.h"

namespace k::fs {

/// Registers "devtmpfs" and makes the nodes of the devices that are there; later ones follow by themselves.
Result<void> register_devtmpfs();

}  // namespace k::fs
