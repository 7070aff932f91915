/// MessageListener: the process that mq_notify(2) registered, and what else message queues learn of the process that calls them.
///
/// Context     task context of a user thread.
/// Errors      NOMEM; charge: MFILE beyond RLIMIT_MSGQUEUE.
/// Source      mq_notify(3), getrlimit(2).
#pragma once

#include <asm/siginfo.h>

#include "ipc/mqueue/caller.h"
#include "kernel/task/process.h"

namespace k::task {

class MessageListener final : public ipc::mqueue::Listener, public mm::SlabAllocated<MessageListener> {
 public:
  /// The running process. SIGEV_SIGNAL comes with `value`; signal 0 is none.
  MessageListener(int method, int signal, std::uint64_t value);
  bool is_caller() const override;
  std::int32_t process() const override { return process_->id(); }
  /// A program that the process ran meanwhile does not expect the signal, and does not get it.
  void tell() override;

 private:
  const Ref<Process> process_;
  const std::uint32_t execs_;
  const std::uint64_t value_;
};

extern const ipc::mqueue::CallerSource kMessageQueueCaller;

}  // namespace k::task
