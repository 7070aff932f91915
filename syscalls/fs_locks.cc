// Advisory locks: flock and fcntl's record locks.
#include "syscalls/fs_locks.h"

#include "fs/vfs/file_lock.h"

namespace k::sys {
namespace {

using fs::LockType;
using fs::LockWait;
using fs::RecordLock;
using UserLock = uapi::flock;

constexpr std::uint64_t kToTheEnd = INT64_MAX;

Result<LockType> type_of(short type) {
  switch (type) {
    case F_RDLCK:
      return LockType::read;
    case F_WRLCK:
      return LockType::write;
    case F_UNLCK:
      return LockType::unlock;
    default:
      return err(Errno::inval);
  }
}

short encode(LockType type) { return type == LockType::read ? F_RDLCK : type == LockType::write ? F_WRLCK : F_UNLCK; }

/// l_whence, l_start and l_len as a range of bytes. A negative length reaches back. Source: fcntl(2).
Result<void> set_range(const fs::File& file, const UserLock& from, RecordLock& to) {
  std::int64_t base = 0;
  switch (static_cast<fs::Whence>(from.l_whence)) {
    case fs::Whence::set:
      break;
    case fs::Whence::current:
      base = static_cast<std::int64_t>(file.position());
      break;
    case fs::Whence::end:
      base = static_cast<std::int64_t>(file.inode().size());
      break;
    default:
      return err(Errno::inval);
  }
  std::int64_t first;
  if (__builtin_add_overflow(base, static_cast<std::int64_t>(from.l_start), &first)) return err(Errno::overflow);
  if (first < 0) return err(Errno::inval);
  std::int64_t last = static_cast<std::int64_t>(kToTheEnd);
  if (from.l_len > 0) {
    if (__builtin_add_overflow(first, static_cast<std::int64_t>(from.l_len) - 1, &last)) return err(Errno::overflow);
  } else if (from.l_len < 0) {
    last = first - 1;
    first += static_cast<std::int64_t>(from.l_len);
    if (first < 0) return err(Errno::inval);
  }
  to.first = static_cast<std::uint64_t>(first);
  to.last = static_cast<std::uint64_t>(last);
  return {};
}

UserLock encode(UserLock answer, const RecordLock& lock) {
  answer.l_type = encode(lock.type);
  if (lock.type == LockType::unlock) return answer;
  answer.l_whence = static_cast<short>(fs::Whence::set);
  answer.l_start = static_cast<std::int64_t>(lock.first);
  answer.l_len = lock.last == kToTheEnd ? 0 : static_cast<std::int64_t>(lock.last - lock.first + 1);
  answer.l_pid = lock.pid;
  return answer;
}

bool is_ofd(unsigned command) { return command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW; }

Result<void> check_access_mode(const fs::File& file, LockType type) {
  if (type == LockType::read && !file.readable()) return err(Errno::badf);
  if (type == LockType::write && !file.writable()) return err(Errno::badf);
  return {};
}

/// struct flock has holes: it is written member by member.
Result<void> write_lock(UserAddr at, const UserLock& lock) {
  TRY(UserOut<short>{at + offsetof(UserLock, l_type)}.write(lock.l_type));
  TRY(UserOut<short>{at + offsetof(UserLock, l_whence)}.write(lock.l_whence));
  TRY(UserOut<std::int64_t>{at + offsetof(UserLock, l_start)}.write(lock.l_start));
  TRY(UserOut<std::int64_t>{at + offsetof(UserLock, l_len)}.write(lock.l_len));
  return UserOut<int>{at + offsetof(UserLock, l_pid)}.write(lock.l_pid);
}

}  // namespace

Result<long> record_lock(Task& self, fs::File& file, unsigned command, IoctlArg argument) {
  const UserLock given = TRY(argument.read<UserLock>());
  if (is_ofd(command) && given.l_pid != 0) return err(Errno::inval);
  RecordLock lock;
  lock.type = TRY(type_of(given.l_type));
  lock.owner = is_ofd(command) ? static_cast<fs::LockOwner>(&file) : &self.fds();
  lock.pid = is_ofd(command) ? -1 : self.process().id();
  TRY(set_range(file, given, lock));
  fs::FileLocks& locks = *TRY(file.inode().file_locks());
  if (command == F_GETLK || command == F_OFD_GETLK) {
    if (lock.type == LockType::unlock) return err(Errno::inval);
    TRY(write_lock(UserAddr{argument.value()}, encode(given, locks.test_record(lock))));
    return 0;
  }
  TRY(check_access_mode(file, lock.type));
  const bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
  TRY(locks.set_record(lock, waits ? LockWait::yes : LockWait::no));
  return 0;
}

Result<void> flock(Task& self, Fd fd, unsigned operation) {
  constexpr unsigned kShared = 1, kExclusive = 2, kNonBlocking = 4, kUnlock = 8, kMandatory = 32;  // LOCK_*: flock(2)
  if ((operation & kMandatory) != 0) return {};  // once took a share mode; Linux takes it to mean nothing
  LockType type;
  switch (operation & ~kNonBlocking) {
    case kShared:
      type = LockType::read;
      break;
    case kExclusive:
      type = LockType::write;
      break;
    case kUnlock:
      type = LockType::unlock;
      break;
    default:
      return err(Errno::inval);
  }
  const auto file = TRY(self.fds().get(fd.number));
  if (type != LockType::unlock && !file->readable() && !file->writable()) return err(Errno::badf);
  fs::FileLocks& locks = *TRY(file->inode().file_locks());
  return locks.set_whole(&*file, type, (operation & kNonBlocking) != 0 ? LockWait::no : LockWait::yes);
}

}  // namespace k::sys
