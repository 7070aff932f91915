#include "kernel/task/message_listener.h"

#include <linux/mqueue.h>

#include "kernel/task/signal.h"

namespace k::task {
namespace {

class UserCharge final : public ipc::mqueue::Charge {
 public:
  UserCharge(Ref<User> user, std::uint64_t bytes) : user_(std::move(user)), bytes_(bytes) {}
  ~UserCharge() override { user_->message_queue_bytes.fetch_sub(bytes_, std::memory_order_relaxed); }

 private:
  const Ref<User> user_;
  const std::uint64_t bytes_;
};

Result<Box<ipc::mqueue::Charge>> charge(std::uint64_t bytes) {
  const Task& self = current();
  User& user = self.user();
  const std::uint64_t before = user.message_queue_bytes.fetch_add(bytes, std::memory_order_relaxed);
  const bool fits = before + bytes <= self.process().limits.soft(RLIMIT_MSGQUEUE);
  auto made = fits ? make<UserCharge>(Ref<User>::share(user), bytes) : err(Errno::mfile);
  if (!made) {
    user.message_queue_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return err(made.error());
  }
  return Box<ipc::mqueue::Charge>{std::move(*made)};
}

bool exceeds_limits() { return current().creds().has(CAP_SYS_RESOURCE); }

}  // namespace

constinit const ipc::mqueue::CallerSource kMessageQueueCaller{&exceeds_limits, &charge};

MessageListener::MessageListener(int method, int signal)
    : Listener(method, signal), process_(Ref<Process>::share(current().process())) {}

bool MessageListener::is_caller() const { return process_.get() == &current().process(); }

SignalledListener::SignalledListener(int method, int signal, std::uint64_t value)
    : MessageListener(method, signal), execs_(process_->execs.load(std::memory_order_relaxed)), value_(value) {}

void SignalledListener::tell() {
  if (signal == 0 || process_->execs.load(std::memory_order_relaxed) != execs_) return;
  const Task& sender = current();
  SignalInfo info = SignalInfo::from_user(signal, SI_MESGQ, sender.process().id(), sender.creds().uid);
  info.fields.sender.value = value_;
  (void)send_to_process(*process_, info);
}

CookieListener::CookieListener(Box<net::NetlinkMessage> cookie)
    : MessageListener(SIGEV_THREAD, 0), cookie_(std::move(cookie)) {}

void CookieListener::tell() { send(NOTIFY_WOKENUP); }
void CookieListener::end() { send(NOTIFY_REMOVED); }

void CookieListener::send(unsigned what) {
  cookie_->payload->bytes().back() = static_cast<std::byte>(what);
  const Ref<net::NetlinkSocket> receiver = cookie_->receiver;
  receiver->deliver(std::move(cookie_));
}

}  // namespace k::task
