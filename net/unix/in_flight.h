/// Files on their way in messages, and the collector of sockets that only such messages still refer to.
///
/// Invariants  a socket's flights are the references that Rights in flight hold to its file. A socket whose every reference is a
///             flight, and whose flights are all queued at sockets of the same kind, can be reached by nobody: its rights are
///             dropped. Who takes rights out of a queue, or copies them, passes the lock of the flights, so the
///             collector never overlooks a reference that is being taken.
/// Lock order  Rank::sockets_in_flight, then Rank::socket of one socket.
/// Context     task context.
/// Errors      begin_flight: TOOMANYREFS, NOMEM. copy_rights: NOMEM.
/// Source      unix(7); trial deletion as in Bacon and Rajan, "Concurrent Cycle Collection" (2001).
#pragma once

#include "net/socket/caller.h"
#include "net/socket/rights.h"

namespace k::net {

Result<void> begin_flight(Rights& rights, const Caller& caller);
void end_flight(Rights& rights);
/// For MSG_PEEK of rights in flight.
Result<Box<Rights>> copy_rights(const Rights& rights);
/// Runs when a socket was closed while others are in flight.
void collect_unreachable_sockets();

}  // namespace k::net
