/// What the calls on message queues share: from a descriptor to the queue.
/// Errors      BADF: not open, or no message queue.
#pragma once

#include "ipc/mqueue/queue_file.h"
#include "kernel/task/task.h"
#include "syscalls/calls_mqueue.h"

namespace k::sys {

/// The open description for the length of the call.
class QueueArg {
 public:
  static Result<QueueArg> find(const Task& self, Fd queue) {
    auto handle = TRY(self.fds().get(queue.number));
    if (fs::file_cast<ipc::mqueue::QueueFile>(*handle) == nullptr) return err(Errno::badf);
    return QueueArg{std::move(handle)};
  }
  ipc::mqueue::QueueFile* operator->() const { return static_cast<ipc::mqueue::QueueFile*>(&*handle_); }

 private:
  explicit QueueArg(fs::FileHandle handle) : handle_(std::move(handle)) {}
  fs::FileHandle handle_;
};

}  // namespace k::sys
