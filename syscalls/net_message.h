/// struct msghdr and its control messages, between user memory and net's requests.
///
/// Context     task context.
/// Errors      MSGSIZE (too many pieces), NOBUFS (too much control data), INVAL, BADF, PERM, FAULT, NOMEM.
/// Source      sendmsg(2), recvmsg(2), cmsg(3), unix(7).
#pragma once

#include "syscalls/net_args.h"

namespace k::sys {

/// What every send of one call ends with: SIGPIPE unless it was asked not to.
Result<std::size_t> finish_send(Task& self, const net::SendRequest& request, Result<std::size_t> outcome);

/// Reads control messages into `request`: the files of SCM_RIGHTS, the identity of SCM_CREDENTIALS.
Result<void> read_control(Task& self, UserAddr at, std::size_t bytes, net::SendRequest& request);

/// Writes control messages for what was received, and the flags and length into `header`. Files that find no room are dropped.
void write_control(Task& self, net::ReceiveRequest& request, abi::MessageHeader& header);

/// The pieces of `header`.
Result<void> read_vector(VectorArg& out, const abi::MessageHeader& header);

}  // namespace k::sys
