// mq_notify.
#include "kernel/task/message_listener.h"
#include "syscalls/mqueue_args.h"
#include "syscalls/signal_event.h"

namespace k::sys {
namespace {

/// SIGEV_THREAD: the C library's cookie goes to its netlink socket, whose descriptor stands in place of the signal. There are no
/// such sockets, so what is given is something else. Source: mq_notify(3), "C library/kernel differences".
Errno refuse_thread(const Task& self, const SignalEvent& event) {
  constexpr std::size_t kCookie = NOTIFY_COOKIE_LEN;
  if (!UserIn<std::array<std::byte, kCookie>>{UserAddr{event.value}}.read()) return Errno::fault;
  const auto given = self.fds().get(event.signal);
  if (!given) return Errno::badf;
  return (*given)->inode().is(fs::FileType::socket) ? Errno::inval : Errno::notsock;
}

Result<void> check(const Task& self, const SignalEvent& event) {
  switch (event.notify) {
    case SIGEV_NONE:
      return {};
    case SIGEV_SIGNAL:
      return event.signal >= 0 && event.signal <= task::kSignals ? Result<void>{} : err(Errno::inval);
    case SIGEV_THREAD:
      return err(refuse_thread(self, event));
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
  const auto wanted = TRY(UserIn<SignalEvent>{event}.read());
  TRY(check(self, wanted));
  const auto file = TRY(QueueArg::find(self, fd));
  const int signal = wanted.notify == SIGEV_SIGNAL ? wanted.signal : 0;
  TRY(file->queue().listen(TRY(make_ref<task::MessageListener>(wanted.notify, signal, wanted.value))));
  file->queue_inode().touch(false);
  return {};
}

}  // namespace k::sys
