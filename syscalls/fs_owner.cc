// Whom a file signals, by which signal, and a directory's F_NOTIFY.
#include "syscalls/fs_owner.h"

#include <asm/sockios.h>
#include <linux/capability.h>

#include <array>

#include "kernel/task/directory_notice.h"

namespace k::sys {
namespace {

using task::FileOwner;
using Kind = FileOwner::Kind;
using UserOwner = uapi::f_owner_ex;

/// A negative number names a group.
Result<long> set_owner(Task& self, FileOwner& owner, int who) {
  if (who == INT32_MIN) return err(Errno::inval);
  TRY(owner.set(who < 0 ? Kind::group : Kind::process, who < 0 ? -who : who, self.creds()));
  return 0;
}

long get_owner(FileOwner& file) {
  const FileOwner::Owner owner = file.owner();
  return owner.kind == Kind::group ? -owner.number() : owner.number();
}

Result<long> set_owner_ex(Task& self, FileOwner& owner, IoctlArg argument) {
  const auto given = TRY(argument.read<UserOwner>());
  Kind kind;
  switch (given.type) {
    case F_OWNER_TID:
      kind = Kind::thread;
      break;
    case F_OWNER_PID:
      kind = Kind::process;
      break;
    case F_OWNER_PGRP:
      kind = Kind::group;
      break;
    default:
      return err(Errno::inval);
  }
  TRY(owner.set(kind, given.pid, self.creds()));
  return 0;
}

Result<long> get_owner_ex(FileOwner& file, IoctlArg argument) {
  const FileOwner::Owner owner = file.owner();
  const int type = owner.kind == Kind::group ? F_OWNER_PGRP : owner.kind == Kind::thread ? F_OWNER_TID : F_OWNER_PID;
  TRY(argument.write(UserOwner{type, owner.number()}));
  return 0;
}

Result<long> get_owner_uids(FileOwner& file, IoctlArg argument) {
  const FileOwner::Ids rights = file.owner().rights;
  TRY(argument.write(std::array<std::uint32_t, 2>{rights.uid, rights.euid}));
  return 0;
}

Result<long> set_signal(FileOwner& owner, std::uint64_t number) {
  if (number > task::kSignals) return err(Errno::inval);
  owner.set_signal(static_cast<int>(number));
  return 0;
}

}  // namespace

Result<void> set_async(Task& self, Fd fd, fs::File& file, bool on) {
  if (file.flags().has(FASYNC) == on) return {};
  const fs::AsyncPlaces places = file.async_places();
  if (places.first == nullptr && places.second == nullptr) return err(Errno::notty);
  FileOwner* const owner = TRY(FileOwner::of(file));
  if (on && places.has_default_owner) {
    const bool is_group = places.default_group != 0;
    owner->set_default(self, is_group ? Kind::group : Kind::process,
                       task::find_pid(is_group ? places.default_group : self.tid()));
  }
  owner->set_async(file, fd.number, places, on);
  return {};
}

namespace {

int lease_number(fs::LeaseType type) {
  return type == fs::LeaseType::none ? F_UNLCK : type == fs::LeaseType::write ? F_WRLCK : F_RDLCK;
}

Result<fs::LeaseType> lease_type(std::uint64_t number) {
  for (const auto type : {fs::LeaseType::read, fs::LeaseType::write, fs::LeaseType::none}) {
    if (static_cast<int>(number) == lease_number(type)) return type;
  }
  return err(Errno::inval);
}

}  // namespace

Result<long> get_lease(fs::File& file) {
  fs::FileLeases* const leases = file.inode().leases_if_any();
  return lease_number(leases != nullptr ? leases->of(file) : fs::LeaseType::none);
}

Result<long> set_lease(Task& self, Fd fd, fs::File& file, std::uint64_t number) {
  const fs::LeaseType type = TRY(lease_type(number));
  fs::Inode& inode = file.inode();
  if (inode.uid() != self.creds().fsuid && !self.creds().has(CAP_LEASE)) return err(Errno::acces);
  if (!inode.is(fs::FileType::regular)) return err(Errno::inval);
  if (type != fs::LeaseType::none) {
    TRY(TRY(FileOwner::of(file))->take_lease(file, fd.number, type));
    return 0;
  }
  fs::FileLeases* const leases = inode.leases_if_any();
  if (leases == nullptr) return err(Errno::again);
  TRY(leases->give_back(file));
  return 0;
}

Result<long> socket_owner_ioctl(Task& self, fs::File& file, unsigned command, IoctlArg argument) {
  if (!file.inode().is(fs::FileType::socket)) return err(Errno::notty);
  FileOwner* const owner = TRY(FileOwner::of(file));
  if (command == FIOSETOWN || command == SIOCSPGRP) return set_owner(self, *owner, TRY(argument.read<int>()));
  TRY(argument.write(static_cast<int>(get_owner(*owner))));
  return 0;
}

Result<long> fcntl_signal(Task& self, Fd fd, fs::File& file, unsigned command, IoctlArg argument) {
  switch (command) {
    case F_SETOWN:
      return set_owner(self, *TRY(FileOwner::of(file)), static_cast<int>(argument.value()));
    case F_GETOWN:
      return get_owner(*TRY(FileOwner::of(file)));
    case F_SETOWN_EX:
      return set_owner_ex(self, *TRY(FileOwner::of(file)), argument);
    case F_GETOWN_EX:
      return get_owner_ex(*TRY(FileOwner::of(file)), argument);
    case F_GETOWNER_UIDS:
      return get_owner_uids(*TRY(FileOwner::of(file)), argument);
    case F_SETSIG:
      return set_signal(*TRY(FileOwner::of(file)), argument.value());
    case F_GETSIG:
      return TRY(FileOwner::of(file))->signal();
    case F_NOTIFY:
      TRY(task::DirectoryNotice::set(self, fd.number, file, static_cast<std::uint32_t>(argument.value())));
      return 0;
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
