/// MessageListener: the process that mq_notify(2) registered, and what else message queues learn of the process that calls them.
///
/// Context     task context of a user thread.
/// Errors      NOMEM; charge: MFILE beyond RLIMIT_MSGQUEUE.
/// Source      mq_notify(3), getrlimit(2).
#pragma once

#include <asm/siginfo.h>

#include "ipc/mqueue/caller.h"
#include "kernel/task/process.h"
#include "net/netlink/netlink_socket.h"

namespace k::task {

class MessageListener : public ipc::mqueue::Listener {
 public:
  bool is_caller() const override;
  std::int32_t process() const override { return process_->id(); }

 protected:
  /// The running process.
  MessageListener(int method, int signal);
  const Ref<Process> process_;
};

/// SIGEV_SIGNAL, which comes with `value`; signal 0, and SIGEV_NONE, send nothing.
class SignalledListener final : public MessageListener, public mm::SlabAllocated<SignalledListener> {
 public:
  SignalledListener(int method, int signal, std::uint64_t value);
  /// A program that the process ran meanwhile does not expect the signal, and does not get it.
  void tell() override;

 private:
  const std::uint32_t execs_;
  const std::uint64_t value_;
};

/// SIGEV_THREAD: the C library's cookie goes to its netlink socket, and says in its last byte what happened.
class CookieListener final : public MessageListener, public mm::SlabAllocated<CookieListener> {
 public:
  explicit CookieListener(Box<net::NetlinkMessage> cookie);
  void tell() override;
  void end() override;

 private:
  void send(unsigned what);
  Box<net::NetlinkMessage> cookie_;
};

extern const ipc::mqueue::CallerSource kMessageQueueCaller;

}  // namespace k::task
