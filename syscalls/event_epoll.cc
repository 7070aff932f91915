// epoll_create, epoll_create1, epoll_ctl.
#include "fs/event/epoll_file.h"
#include "syscalls/calls_event.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

using fs::event::EpollFile;
using fs::event::EpollInterest;

/// The rules of EPOLLEXCLUSIVE. Source: epoll_ctl(2), EINVAL.
Result<void> check_exclusive(int operation, fs::File& target, std::uint32_t events) {
  constexpr std::uint32_t kAllowed = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
  if ((events & EPOLLEXCLUSIVE) == 0) return {};
  if (operation == EPOLL_CTL_MOD) return err(Errno::inval);
  if (operation == EPOLL_CTL_ADD && (fs::file_cast<EpollFile>(target) != nullptr || (events & ~kAllowed) != 0))
    return err(Errno::inval);
  return {};
}

}  // namespace

Result<Fd> epoll_create1(Task& self, Flags flags) {
  if (!flags.only(EPOLL_CLOEXEC)) return err(Errno::inval);
  auto file = TRY(EpollFile::create());
  return Fd{TRY(self.fds().install(std::move(file), cloexec_flag(flags), TRY(limit_for_new_file(self))))};
}

Result<Fd> epoll_create(Task& self, int size) {
  if (size <= 0) return err(Errno::inval);
  return epoll_create1(self, Flags{});
}

Result<void> epoll_ctl(Task& self, Fd epoll, int operation, Fd fd, UserIn<uapi::epoll_event> event) {
  EpollInterest interest;
  if (operation != EPOLL_CTL_DEL) {
    const uapi::epoll_event given = TRY(event.read());
    interest = {given.events, given.data};
  }
  const auto file = TRY(self.fds().get(epoll.number));
  const auto target = TRY(self.fds().get(fd.number));
  if (!target->can_poll()) return err(Errno::perm);
  auto* const instance = fs::file_cast<EpollFile>(*file);
  if (instance == nullptr || &*file == &*target) return err(Errno::inval);
  TRY(check_exclusive(operation, *target, interest.events));
  switch (operation) {
    case EPOLL_CTL_ADD:
      return instance->epoll().add(*target, fd.number, interest);
    case EPOLL_CTL_MOD:
      return instance->epoll().modify(*target, fd.number, interest);
    case EPOLL_CTL_DEL:
      return instance->epoll().remove(*target, fd.number);
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
