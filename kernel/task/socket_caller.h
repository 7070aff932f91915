/// What sockets learn of the process that calls them.
/// Context     task context of a user thread. Source: unix(7).
#pragma once

#include "net/socket/caller.h"

namespace k::task {

net::Caller socket_caller();

}  // namespace k::task
