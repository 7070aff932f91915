// getdents64, getdents, getcwd, chdir, fchdir, chroot, umask.
#include <array>
#include <cstring>

#include "fs/vfs/permission.h"
#include "kernel/abi/dirent.h"
#include "syscalls/fs_args.h"

namespace k::sys {
namespace {

constexpr std::size_t kMaxRecord = lib::align_up(abi::Dirent64::kNameOffset + fs::Name::kMaxLength + 2, 8);

/// Writes records into user memory, one by one, until there is no room.
class RecordSink : public fs::DirectorySink {
 public:
  RecordSink(UserAddr out, std::size_t size) : at_(out), room_(size) {}

  /// What getdents answers: bytes written, or why not even one record was.
  Result<std::size_t> outcome() const {
    if (written_ > 0 || !error_) return written_;
    return err(*error_);
  }

 protected:
  ~RecordSink() = default;
  bool put(std::span<const char> record) {
    if (record.size() > room_) return fail(Errno::inval);
    if (!UserOut<char>{at_}.write_all(record)) return fail(Errno::fault);
    at_ += record.size();
    room_ -= record.size();
    written_ += record.size();
    return true;
  }

 private:
  bool fail(Errno error) {
    error_ = error;
    return false;
  }
  UserAddr at_;
  std::size_t room_, written_ = 0;
  std::optional<Errno> error_;
};

class Sink64 final : public RecordSink {
 public:
  using RecordSink::RecordSink;
  bool add(std::string_view name, std::uint64_t inode, fs::FileType type, std::uint64_t next) override {
    alignas(8) std::array<char, kMaxRecord> record;
    const std::size_t length = lib::align_up(abi::Dirent64::kNameOffset + name.size() + 1, 8);
    std::memset(record.data() + length - 8, 0, 8);
    const abi::Dirent64 head{inode, static_cast<std::int64_t>(next), static_cast<std::uint16_t>(length),
                             static_cast<std::uint8_t>(static_cast<unsigned>(type) >> 12)};
    std::memcpy(record.data(), &head, abi::Dirent64::kNameOffset);
    name.copy(record.data() + abi::Dirent64::kNameOffset, name.size());
    record[abi::Dirent64::kNameOffset + name.size()] = '\0';
    return put(std::span<const char>{record}.first(length));
  }
};

class SinkOld final : public RecordSink {
 public:
  using RecordSink::RecordSink;
  bool add(std::string_view name, std::uint64_t inode, fs::FileType type, std::uint64_t next) override {
    alignas(8) std::array<char, kMaxRecord> record;
    const std::size_t length = lib::align_up(abi::Dirent::kNameOffset + name.size() + 2, 8);
    std::memset(record.data() + length - 8, 0, 8);
    const abi::Dirent head{inode, next, static_cast<std::uint16_t>(length)};
    std::memcpy(record.data(), &head, abi::Dirent::kNameOffset);
    name.copy(record.data() + abi::Dirent::kNameOffset, name.size());
    record[abi::Dirent::kNameOffset + name.size()] = '\0';
    record[length - 1] = static_cast<char>(static_cast<unsigned>(type) >> 12);
    return put(std::span<const char>{record}.first(length));
  }
};

template <class Sink>
Result<std::size_t> read_records(const Task& self, Fd fd, UserAddr out, unsigned size) {
  const auto file = TRY(self.fds().get(fd.number));
  Sink sink{out, size};
  TRY(file->read_entries(sink));
  return sink.outcome();
}

}  // namespace

Result<std::size_t> getdents64(Task& self, Fd fd, UserAddr out, unsigned size) {
  return read_records<Sink64>(self, fd, out, size);
}
Result<std::size_t> getdents(Task& self, Fd fd, UserAddr out, unsigned size) {
  return read_records<SinkOld>(self, fd, out, size);
}

Result<std::size_t> getcwd(Task& self, UserAddr out, std::size_t size) {
  const fs::PathRef cwd = self.fs_context().cwd_ref();
  const fs::PathRef root = self.fs_context().root_ref();
  if (!cwd.dentry().is_hashed() && !cwd.dentry().is_root()) return err(Errno::noent);
  Box<char[]> text{new (std::nothrow) char[PATH_MAX]};
  if (!text) return err(Errno::nomem);
  const std::span<char> buffer{text.get(), PATH_MAX};
  const auto path = fs::print_path(cwd.view(), root.view(), buffer.first(PATH_MAX - 1));
  if (!path) return err(Errno::nametoolong);
  if (path->size() + 1 > size) return err(Errno::range);
  text[PATH_MAX - 1] = '\0';  // the path ends right before it
  TRY(UserOut<char>{out}.write_all({path->data(), path->size() + 1}));
  return path->size() + 1;
}

namespace {

/// A directory that the caller may search, for chdir and chroot.
Result<void> may_enter(const Task& self, const fs::Inode& inode) {
  if (!inode.is(fs::FileType::directory)) return err(Errno::notdir);
  return fs::may_access(inode, self.creds(), fs::Access::execute);
}

}  // namespace

Result<void> chdir(Task& self, UserCStr path) {
  const fs::PathRef found = TRY(find_file(self, Fd{AT_FDCWD}, path, {}));
  TRY(may_enter(self, found.inode()));
  return self.fs_context().set_cwd(found);
}

Result<void> fchdir(Task& self, Fd fd) {
  const auto file = TRY(self.fds().get_any(fd.number));
  TRY(may_enter(self, file->inode()));
  return self.fs_context().set_cwd(fs::PathRef::share(file->path()));
}

Result<void> chroot(Task& self, UserCStr path) {
  const fs::PathRef found = TRY(find_file(self, Fd{AT_FDCWD}, path, {}));
  TRY(may_enter(self, found.inode()));
  if (!self.creds().has(CAP_SYS_CHROOT)) return err(Errno::perm);
  return self.fs_context().set_root(found);
}

std::uint32_t umask(Task& self, std::uint32_t mask) { return self.fs_context().set_umask(mask); }

}  // namespace k::sys
