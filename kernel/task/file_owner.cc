#include "kernel/task/file_owner.h"

#include <asm/poll.h>

#include "kernel/task/pid_file.h"
#include "kernel/task/process_group.h"
#include "kernel/task/signal.h"
#include "kernel/task/task.h"

namespace k::task {
namespace {

using Owner = FileOwner::Owner;
using Kind = FileOwner::Kind;

}  // namespace

/// Lets a file's record go with the file.
class FileOwnerRecords final : public fs::FileWatcher {
 public:
  void forget(fs::File& file) override {
    while (fs::FileWatch* const watch = file.watches().of(*this)) {
      file.watches().remove(*watch);
      delete static_cast<FileOwner*>(watch);
    }
  }
};

namespace {

constinit FileOwnerRecords g_records;
/// O_ASYNC changes together with the place in the lists.
constinit sync::Spin<sync::Rank::file_watch> g_async_changes;

/// Source: fcntl(2), F_SETOWN: the check of kill(2), with the rights that whoever set the owner had then.
bool may_tell(FileOwner::Ids sender, const Task& thread) {
  const auto theirs = thread.shared_credentials();
  return sender.euid == 0 || sender.euid == theirs->uid || sender.euid == theirs->suid || sender.uid == theirs->uid ||
         sender.uid == theirs->suid;
}

/// These number what si_code says by themselves; a reason of poll's would be read as one of theirs.
constexpr SignalSet kWithOwnCodes = SignalSet::of(SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGCHLD, SIGSYS);

/// What poll(2) would say.
long band_of(int reason) {
  switch (reason) {
    case POLL_IN:
      return POLLIN | POLLRDNORM;
    case POLL_OUT:
      return POLLOUT | POLLWRNORM | POLLWRBAND;
    case POLL_HUP:
      return POLLHUP | POLLERR;
    default:
      return POLLIN | POLLRDNORM | POLLMSG;
  }
}

SignalInfo describe(int number, int fd, int reason) {
  SignalInfo info = SignalInfo::from_kernel(number);
  info.code = kWithOwnCodes.has(number) ? SI_SIGIO : reason;
  info.fields.poll.band = band_of(reason);
  info.fields.poll.fd = fd;
  return info;
}

/// Calls `send(info)` with what was asked for, or with a plain SIGIO when there is no room for that.
template <class Send>
void send_either(int number, int fd, int reason, Send send) {
  if (number != 0 && send(describe(number, fd, reason))) return;
  (void)send(SignalInfo::from_kernel(SIGIO));
}

/// The member with the smallest number above `after`: one by one, since credentials may not be looked at under the group's lock.
Process* next_member(ProcessGroup& group, pid_t after) {
  Process* next = nullptr;
  group.for_each([&](Process& p) {
    if (p.id() > after && (next == nullptr || p.id() < next->id())) next = &p;
  });
  return next;
}

void tell_process(Process& process, FileOwner::Ids rights, int number, int fd, int reason) {
  const Task* const thread = any_thread(process);
  if (thread == nullptr || !may_tell(rights, *thread)) return;
  send_either(number, fd, reason, [&](const SignalInfo& info) { return bool{send_to_process(process, info)}; });
}

}  // namespace

pid_t Owner::number() const {
  if (!pid) return 0;
  const auto carried = [](const auto& by) { return by.load(std::memory_order_relaxed) != nullptr; };
  const bool used = kind == Kind::group    ? carried(pid->group)
                    : kind == Kind::thread ? carried(pid->task)
                                           : carried(pid->process);
  return used ? pid->number() : 0;
}

FileOwner::FileOwner() : FileWatch(g_records) {}

FileOwner::~FileOwner() {
  fs::AsyncNotices::remove(first_);
  fs::AsyncNotices::remove(second_);
}

Result<FileOwner*> FileOwner::of(fs::File& file) {
  if (auto* const there = file.watches().of(g_records)) return static_cast<FileOwner*>(there);
  auto* const fresh = new (std::nothrow) FileOwner;
  if (fresh == nullptr) return err(Errno::nomem);
  auto& kept = static_cast<FileOwner&>(file.watches().add_if_first(*fresh));
  if (&kept != fresh) delete fresh;
  return &kept;
}

Owner FileOwner::owner() { return *sync::Locked{owner_}; }

/// The former owner is dropped after the lock.
void FileOwner::replace(Owner fresh) {
  sync::Locked owner{owner_};
  std::swap(*owner, fresh);
}

Result<void> FileOwner::set(Kind kind, pid_t number, const fs::Credentials& by) {
  Owner fresh{.kind = kind, .rights = {by.uid, by.euid}};
  if (number != 0) {
    fresh.pid = find_pid(number);
    if (!fresh.pid) return err(Errno::srch);
  }
  replace(std::move(fresh));
  return {};
}

void FileOwner::set_default(const Task& self) { set_default(self, Kind::process, find_pid(self.tid())); }

void FileOwner::set_default(const Task& self, Kind kind, RefOrNull<Pid> who) {
  Owner fresh{.pid = std::move(who), .kind = kind, .rights = {self.creds().uid, self.creds().euid}};
  sync::Locked owner{owner_};
  if (!owner->pid) std::swap(*owner, fresh);
}

void FileOwner::set_async(fs::File& file, int fd, const fs::AsyncPlaces& places, bool on) {
  const sync::LockHeld held{g_async_changes};
  if (file.flags().has(FASYNC) == on) return;
  file.set_async_flag(on);
  async_fd_.store(fd, std::memory_order_relaxed);
  fs::AsyncNotices::remove(first_);
  fs::AsyncNotices::remove(second_);
  if (on && places.first != nullptr) places.first->add(first_);
  if (on && places.second != nullptr) places.second->add(second_);
}

Result<void> FileOwner::take_lease(fs::File& file, int fd, fs::LeaseType type) {
  fs::FileLeases* const leases = TRY(file.inode().leases());
  const int former = lease_fd_.exchange(fd, std::memory_order_relaxed);
  const auto taken = leases->set(file, type, lease_);
  if (!taken) lease_fd_.store(former, std::memory_order_relaxed);
  return taken;
}

void FileOwner::Lease::lease_wanted() { owner_.tell(owner_.lease_fd_.load(std::memory_order_relaxed), POLL_MSG); }
void FileOwner::Lease::lease_taken() { owner_.set_default(current()); }
/// Linux forgets both with the lease, whoever set them.
void FileOwner::Lease::lease_ended() {
  owner_.replace({.kind = Kind::process});
  owner_.set_signal(0);
}

void FileOwner::tell(int fd, int reason) {
  const Owner to = owner();
  if (!to.pid) return;
  const int number = signal();
  const sync::rcu::ReadGuard reading;
  if (to.kind == Kind::thread) {
    Task* const thread = to.pid->task.load(std::memory_order_acquire);
    if (thread == nullptr || !may_tell(to.rights, *thread)) return;
    send_either(number, fd, reason, [&](const SignalInfo& info) { return bool{send_to_thread(*thread, info)}; });
  } else if (to.kind == Kind::process) {
    if (Process* const process = find_process_around(*to.pid)) tell_process(*process, to.rights, number, fd, reason);
  } else if (ProcessGroup* const group = to.pid->group.load(std::memory_order_acquire)) {
    for (Process* p = next_member(*group, 0); p != nullptr; p = next_member(*group, p->id()))
      tell_process(*p, to.rights, number, fd, reason);
  }
}

}  // namespace k::task
