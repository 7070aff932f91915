// msgget, msgsnd, msgrcv, msgctl.
#include <asm/msgbuf.h>

#include "ipc/sysv/message_queue.h"
#include "syscalls/calls_ipc.h"
#include "syscalls/ipc_encode.h"

namespace k::sys {
namespace {

using ipc::sysv::Caller;
using ipc::sysv::initial_namespace;
using ipc::sysv::Message;
using ipc::sysv::MessageQueue;
using ipc::sysv::Namespace;
using ipc::sysv::Selection;

constexpr std::size_t kTextOffset = sizeof(std::int64_t);  // in struct msgbuf, behind the type

/// IPC_INFO, MSG_INFO; the answer is the highest index in use.
Result<int> information(int command, UserAddr to) {
  Namespace& in = initial_namespace();
  const auto usage = in.message_queues.usage();
  const bool used = command == MSG_INFO;
  ZeroedOut<uapi::msginfo> info;
  info->msgpool = used ? static_cast<int>(usage.objects) : MSGPOOL;
  info->msgmap = used ? static_cast<int>(in.messages.load()) : MSGMAP;
  info->msgtql = used ? static_cast<int>(in.message_bytes.load()) : MSGTQL;
  info->msgmax = static_cast<int>(in.message_limits.message_bytes.load());
  info->msgmnb = static_cast<int>(in.message_limits.queue_bytes.load());
  info->msgmni = static_cast<int>(in.message_limits.queues.load());
  info->msgssz = MSGSSZ;
  info->msgseg = static_cast<unsigned short>(MSGSEG);
  TRY(info.write(to));
  return std::max(usage.highest_index, 0);
}

Result<void> write_status(const MessageQueue::Status& s, UserAddr to) {
  ZeroedOut<uapi::msqid64_ds> out;
  fill(out->msg_perm, s.permissions, s.sequence);
  out->msg_stime = s.sent;
  out->msg_rtime = s.received;
  out->msg_ctime = s.changed;
  out->msg_cbytes = s.bytes;
  out->msg_qnum = s.messages;
  out->msg_qbytes = s.most_bytes;
  out->msg_lspid = s.last_sender;
  out->msg_lrpid = s.last_receiver;
  return out.write(to);
}

Result<int> statistics(int id, int command, UserAddr to, const Caller& caller) {
  auto& queues = initial_namespace().message_queues;
  const auto queue = TRY(command == IPC_STAT ? queues.find(id) : queues.at(static_cast<unsigned>(id) & 0x7fff));
  TRY(write_status(command == MSG_STAT_ANY ? queue->status() : TRY(queue->status(caller)), to));
  return command == IPC_STAT ? 0 : queue->id();
}

Result<void> change(int id, UserAddr from, const Caller& caller) {
  const auto to = TRY(UserIn<uapi::msqid64_ds>{from}.read());
  const auto queue = TRY(initial_namespace().message_queues.find(id));
  return queue->change({to.msg_perm.uid, to.msg_perm.gid, to.msg_perm.mode, to.msg_qbytes}, caller);
}

Result<std::size_t> write_message(Message& m, UserAddr to, std::size_t room) {
  TRY(UserOut<std::int64_t>{to}.write(m.type));
  const std::size_t n = std::min(m.bytes, room);
  IoBuffer text = IoBuffer::user(to + kTextOffset, n);
  TRY(m.text.write(text, n));
  return n;
}

/// MSG_COPY: looks at a message without taking it.
Result<std::size_t> copy_message(int id, UserAddr to, const Selection& wanted, const Caller& caller) {
  const std::size_t most = initial_namespace().message_limits.message_bytes.load();
  const auto room = TRY(Message::create(0, std::min(wanted.most_bytes, most)));
  const auto queue = TRY(initial_namespace().message_queues.find(id));
  TRY(queue->copy(wanted, *room, caller));
  return write_message(*room, to, wanted.most_bytes);
}

}  // namespace

Result<int> msgget(Task& self, std::int32_t key, Flags flags) {
  return MessageQueue::get(initial_namespace(), key, flags, ipc_caller(self));
}

Result<void> msgsnd(Task& self, int id, UserAddr message, std::size_t bytes, Flags flags) {
  const std::int64_t type = TRY(UserIn<std::int64_t>{message}.read());
  if (bytes > initial_namespace().message_limits.message_bytes.load() || id < 0 || type < 1) return err(Errno::inval);
  auto copied = TRY(Message::create(type, bytes));
  IoBuffer text = IoBuffer::user(message + kTextOffset, bytes);
  TRY(copied->text.read(text));
  const auto queue = TRY(initial_namespace().message_queues.find(id));
  return queue->send(std::move(copied), flags, ipc_caller(self));
}

Result<std::size_t> msgrcv(Task& self, int id, UserAddr message, std::size_t bytes, std::int64_t type, Flags flags) {
  if (id < 0 || static_cast<std::int64_t>(bytes) < 0) return err(Errno::inval);
  if (flags.has(MSG_COPY) && (flags.has(MSG_EXCEPT) || !flags.has(IPC_NOWAIT))) return err(Errno::inval);
  const Caller caller = ipc_caller(self);
  Selection wanted = Selection::of(type, flags);
  wanted.most_bytes = bytes;
  if (flags.has(MSG_COPY)) return copy_message(id, message, wanted, caller);
  const auto queue = TRY(initial_namespace().message_queues.find(id));
  const auto received = TRY(queue->receive(wanted, flags, caller));
  return write_message(*received, message, bytes);
}

Result<int> msgctl(Task& self, int id, int command, UserAddr argument) {
  if (id < 0 || command < 0) return err(Errno::inval);
  const Caller caller = ipc_caller(self);
  switch (command) {
    case IPC_INFO:
    case MSG_INFO:
      return information(command, argument);
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
      return statistics(id, command, argument, caller);
    case IPC_SET:
      TRY(change(id, argument, caller));
      return 0;
    case IPC_RMID:
      TRY(TRY(initial_namespace().message_queues.find(id))->remove(caller));
      return 0;
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
