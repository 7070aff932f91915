/// /proc/net/unix: all sockets of the family, one line each.
/// Context     task context.
/// Source      proc_net(5).
#pragma once

#include "kernel/lib/format.h"

namespace k::net {

void list_unix_sockets(lib::TextBuffer& out);

}  // namespace k::net
