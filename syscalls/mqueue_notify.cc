// mq_notify.
#include <linux/mqueue.h>

#include "kernel/task/message_listener.h"
#include "syscalls/mqueue_args.h"
#include "syscalls/signal_event.h"

namespace k::sys {
namespace {

using Listener = ipc::mqueue::Listener;

/// The C library's cookie, with its room at the netlink socket whose descriptor stands in place of the signal.
/// Source: mq_notify(3), "C library/kernel differences".
Result<Box<net::NetlinkMessage>> cookie(const Task& self, const SignalEvent& event) {
  IoBuffer text = IoBuffer::user(UserAddr{event.value}, NOTIFY_COOKIE_LEN);
  auto payload = TRY(net::NetlinkPayload::create(text, NOTIFY_COOKIE_LEN));
  const auto socket = TRY(net::netlink_socket(*TRY(self.fds().get(event.signal))));
  net::SocketWait for_ever{true, 0};
  auto made = socket->prepare(std::move(payload), net::NetlinkOrigin{}, for_ever);
  if (!made && made.error() == Errno::connrefused) return err(Errno::badf);  // closed meanwhile
  return made;
}

Result<Ref<Listener>> make_listener(const Task& self, const SignalEvent& event) {
  switch (event.notify) {
    case SIGEV_NONE:
      return TRY(make_ref<task::SignalledListener>(event.notify, 0, event.value));
    case SIGEV_SIGNAL:
      if (event.signal < 0 || event.signal > task::kSignals) return err(Errno::inval);
      return TRY(make_ref<task::SignalledListener>(event.notify, event.signal, event.value));
    case SIGEV_THREAD:
      return TRY(make_ref<task::CookieListener>(TRY(cookie(self, event))));
    default:
      return err(Errno::inval);
  }
}

}  // namespace

Result<void> mq_notify(Task& self, Fd fd, UserAddr event) {
  if (event.value == 0) {
    const auto file = TRY(QueueArg::find(self, fd));
    if (file->queue().stop_listening()) file->queue_inode().touch(false);
    return {};
  }
  auto listener = TRY(make_listener(self, TRY(UserIn<SignalEvent>{event}.read())));
  const auto file = TRY(QueueArg::find(self, fd));
  TRY(file->queue().listen(std::move(listener)));
  file->queue_inode().touch(false);
  return {};
}

}  // namespace k::sys
