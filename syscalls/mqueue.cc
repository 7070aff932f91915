// mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_getsetattr.
#include "ipc/mqueue/mqueue.h"
#include "syscalls/fs_args.h"
#include "syscalls/mqueue_args.h"
#include "syscalls/time_convert.h"

namespace k::sys {
namespace {

using ipc::mqueue::Capacity;
using ipc::mqueue::Message;
using ipc::mqueue::Patience;
using uapi::mq_attr;

/// An absolute time on CLOCK_REALTIME. A bad one is refused even where the call would not wait.
Result<Patience> patience(UserIn<uapi::__kernel_timespec> timeout) {
  if (timeout.is_null()) return Patience{};
  return Patience{.until = static_cast<std::int64_t>(TRY(to_ns(TRY(timeout.read()))))};
}

/// Negative numbers become too large ones.
Result<std::optional<Capacity>> capacity(UserIn<mq_attr> attributes) {
  if (attributes.is_null()) return std::optional<Capacity>{};
  const mq_attr a = TRY(attributes.read());
  return Capacity{static_cast<std::uint64_t>(a.mq_maxmsg), static_cast<std::uint64_t>(a.mq_msgsize)};
}

}  // namespace

Result<Fd> mq_open(Task& self, UserCStr name, Flags flags, FileMode mode, UserIn<mq_attr> attributes) {
  const auto wanted = TRY(capacity(attributes));
  PathArg text;
  TRY(text.read(name));
  auto slot = TRY(self.fds().reserve(TRY(limit_for_new_file(self))));
  auto file = TRY(ipc::mqueue::open(context_of(self), text.view(), {flags, mode.bits, wanted}));
  return Fd{std::move(slot).publish(std::move(file), fs::FdFlag::cloexec)};
}

Result<void> mq_unlink(Task& self, UserCStr name) {
  PathArg text;
  TRY(text.read(name));
  return ipc::mqueue::unlink(context_of(self), text.view());
}

Result<void> mq_timedsend(Task& self, Fd fd, UserAddr text, std::size_t bytes, unsigned priority,
                          UserIn<uapi::__kernel_timespec> timeout) {
  Patience wait = TRY(patience(timeout));
  if (priority >= MQ_PRIO_MAX) return err(Errno::inval);
  const auto file = TRY(QueueArg::find(self, fd));
  if (!file->writable()) return err(Errno::badf);
  if (bytes > file->queue().capacity().message_bytes) return err(Errno::msgsize);
  IoBuffer from = IoBuffer::user(text, bytes);
  auto message = TRY(Message::create(priority, from));
  wait.blocks = !file->nonblocking();
  TRY(file->queue().send(std::move(message), wait));
  file->queue_inode().touch(true);
  return {};
}

/// A message that cannot be copied out is lost.
Result<std::size_t> mq_timedreceive(Task& self, Fd fd, UserAddr text, std::size_t bytes, UserOut<unsigned> priority,
                                    UserIn<uapi::__kernel_timespec> timeout) {
  Patience wait = TRY(patience(timeout));
  const auto file = TRY(QueueArg::find(self, fd));
  if (!file->readable()) return err(Errno::badf);
  if (bytes < file->queue().capacity().message_bytes) return err(Errno::msgsize);
  wait.blocks = !file->nonblocking();
  const auto message = TRY(file->queue().receive(wait));
  file->queue_inode().touch(true);
  if (!priority.is_null()) TRY(priority.write(message->priority));
  IoBuffer to = IoBuffer::user(text, message->bytes);
  TRY(message->text.write(to, message->bytes));
  return message->bytes;
}

Result<void> mq_getsetattr(Task& self, Fd fd, UserIn<mq_attr> changed, UserOut<mq_attr> former) {
  std::optional<mq_attr> wanted;
  if (!changed.is_null()) wanted = TRY(changed.read());
  if (wanted && (wanted->mq_flags & ~static_cast<long>(O_NONBLOCK)) != 0) return err(Errno::inval);
  const auto file = TRY(QueueArg::find(self, fd));
  mq_attr before{};
  before.mq_flags = file->nonblocking() ? O_NONBLOCK : 0;
  before.mq_maxmsg = static_cast<long>(file->queue().capacity().messages);
  before.mq_msgsize = static_cast<long>(file->queue().capacity().message_bytes);
  before.mq_curmsgs = static_cast<long>(file->queue().status().messages);
  if (wanted) {
    file->set_status_flags(file->flags().without(O_NONBLOCK).with(static_cast<unsigned>(wanted->mq_flags)));
    file->queue_inode().touch(false);
  }
  return former.is_null() ? Result<void>{} : former.write(before);
}

}  // namespace k::sys
