#include "fs/vfs/file.h"

#include <algorithm>

#include "fs/vfs/file_lock.h"
#include "fs/vfs/lease.h"
#include "fs/vfs/mount_table.h"
#include "fs/vfs/notify.h"
#include "fs/vfs/object_count.h"
#include "kernel/sync/guarded.h"

namespace k::fs {
namespace {

/// Tells of a transfer that moved something.
Result<std::size_t> told(File& file, std::uint32_t event, Result<std::size_t> moved) {
  if (anybody_watches() && moved && *moved > 0) [[unlikely]]
    notify_file(file.dentry(), event);
  return moved;
}

constexpr unsigned kNotKept = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC;

}  // namespace

/// The position of a description that only one call can be using needs no lock.
class File::PositionHeld {
 public:
  explicit PositionHeld(File& file) HT_NO_ANALYSIS : file_(file), locked_(file.ref_count() != 1) {
    if (locked_) [[unlikely]]
      file_.position_lock_.lock();
  }
  ~PositionHeld() HT_NO_ANALYSIS {
    if (locked_) [[unlikely]]
      file_.position_lock_.unlock();
  }
  PositionHeld(const PositionHeld&) = delete;
  PositionHeld& operator=(const PositionHeld&) = delete;

 private:
  File& file_;
  bool locked_;
};

File::File(const PathRef& path, lib::Flags flags, Position position, mm::SourceMappings* mappings)
    : PageSource(mappings),
      inode_(Ref<Inode>::share(path.inode())),
      dentry_(RefOrNull<Dentry>::share(&path.dentry())),
      mount_(RefOrNull<Mount>::share(&path.mount())),
      flags_(flags.without(kNotKept).bits()),
      mode_(mode_of(flags) | static_cast<std::uint16_t>(position)) {
  object_made(ObjectKind::file);
}

File::File(Ref<Inode> inode, lib::Flags flags)
    : PageSource(nullptr), inode_(std::move(inode)), flags_(flags.without(kNotKept).bits()), mode_(mode_of(flags)) {
  object_made(ObjectKind::file);
}

File::~File() { object_gone(ObjectKind::file); }

std::uint16_t File::mode_of(lib::Flags flags) {
  if (flags.has(O_PATH)) return kPathOnly;
  constexpr std::uint16_t kModes[] = {kRead, kWrite, kRead | kWrite, 0};
  return kModes[flags.bits() & O_ACCMODE];
}

/// What the description holds goes at once (so that umount and unlink see it gone); only the memory waits for look-ups.
void File::on_last_ref() {
  if (FileLeases* const leases = inode_->leases_if_any()) [[unlikely]]
    leases->drop_of(*this);  // whose holder is one of the watches
  if (!watches_.empty()) [[unlikely]]
    watches_.forget_all(*this);
  if (!is_path_only()) notify_file(dentry(), writable() ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
  closed();
  if (FileLocks* locks = inode_->file_locks_if_any()) [[unlikely]] {
    locks->drop_whole_of(this);
    locks->drop_records_of(this);
  }
  inode_.reset();
  dentry_.reset();
  mount_.reset();
  sync::rcu::call(*this, &File::free_after_grace);
}

void File::free_after_grace(sync::rcu::Head* head) { delete static_cast<File*>(head); }

void File::set_status_flags(lib::Flags flags) {
  constexpr unsigned kChangeable = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;
  unsigned now = flags_.load(std::memory_order_relaxed);
  while (!flags_.compare_exchange_weak(now, (now & ~kChangeable) | (flags.bits() & kChangeable))) {
  }
}

void File::set_async_flag(bool on) {
  if (on) {
    flags_.fetch_or(FASYNC, std::memory_order_relaxed);
  } else {
    flags_.fetch_and(~static_cast<unsigned>(FASYNC), std::memory_order_relaxed);
  }
}

// -- What a type without the operation answers.

Result<std::size_t> File::read(IoBuffer&, IoAt&) { return err(Errno::inval); }
Result<std::size_t> File::write(IoBuffer&, IoAt&) { return err(Errno::inval); }
sync::PollEvents File::poll(sync::PollTable*) { return sync::kReadable | sync::kWritable; }
Result<long> File::ioctl(unsigned, IoctlArg) { return err(Errno::notty); }
Result<void> File::read_directory(std::uint64_t&, DirectorySink&) { return err(Errno::notdir); }
Result<void> File::sync() { return err(Errno::inval); }
Result<Ref<mm::PageSource>> File::page_source() { return err(Errno::nodev); }
Result<mm::Frame*> File::get_page(std::uint64_t, mm::Write) { return err(Errno::inval); }
std::size_t File::get_cached_pages(std::uint64_t, std::span<mm::Frame*> out) {
  std::ranges::fill(out, nullptr);
  return 0;
}

Result<std::uint64_t> File::seek(std::int64_t offset, Whence whence) {
  if (!seekable()) return err(Errno::spipe);
  if (!has_position()) return 0;
  return seek_within(offset, whence, position(), inode().size());
}

std::uint64_t File::bytes() const { return inode_->size(); }

void File::name(mm::SourceName& out) const {
  const DeviceNumber device = inode_->superblock().device();
  out.device_major = device.major;
  out.device_minor = device.minor;
  out.inode = inode_->number();
  out.path = out.path.first(describe(out.path));
}

std::size_t File::describe(std::span<char> out) const {
  if (const std::size_t n = describe_anonymous(out); n > 0 || !dentry_) return n;
  const Ref<Mount> root = MountTable::root();
  const auto text = print_path(path(), {root.get(), &root->root()}, out);
  if (!text) return 0;
  std::memmove(out.data(), text->data(), text->size());
  return text->size();
}

// -- The calls.

Result<std::size_t> File::read_next(IoBuffer& to) {
  if (!readable()) return err(Errno::badf);
  IoAt at{.blocking = !nonblocking()};
  if (!has_position()) return told(*this, IN_ACCESS, read(to, at));
  PositionHeld held{*this};
  at.offset = position();
  const auto n = read(to, at);
  if (n) set_position(at.offset + *n);
  return told(*this, IN_ACCESS, n);
}

Result<std::size_t> File::write_next(IoBuffer& from, IoAt& at) {
  if (!writable()) return err(Errno::badf);
  const lib::Flags now = flags();
  at.blocking = !now.has(O_NONBLOCK);
  if (!has_position()) return told(*this, IN_MODIFY, write(from, at));
  at.append = now.has(O_APPEND);
  PositionHeld held{*this};
  at.offset = position();
  const auto n = write(from, at);
  if (n) set_position(at.offset + *n);
  return told(*this, IN_MODIFY, n);
}

Result<std::size_t> File::read_at(IoBuffer& to, std::uint64_t offset) {
  if (!seekable()) return err(Errno::spipe);
  if (!readable()) return err(Errno::badf);
  IoAt at{.offset = offset, .blocking = !nonblocking()};
  return told(*this, IN_ACCESS, read(to, at));
}

/// With O_APPEND the data goes to the end whatever the offset, as Linux does. Source: pwrite(2), BUGS.
Result<std::size_t> File::write_at(IoBuffer& from, IoAt& at) {
  if (!seekable()) return err(Errno::spipe);
  if (!writable()) return err(Errno::badf);
  const lib::Flags now = flags();
  at.blocking = !now.has(O_NONBLOCK);
  at.append = at.append || now.has(O_APPEND);
  return told(*this, IN_MODIFY, write(from, at));
}

Result<void> File::read_entries(DirectorySink& sink) {
  PositionHeld held{*this};
  std::uint64_t position = this->position();
  const auto outcome = read_directory(position, sink);
  set_position(position);
  if (outcome) notify_file(dentry(), IN_ACCESS);
  return outcome;
}

Result<std::uint64_t> File::move_position(std::int64_t offset, Whence whence) {
  PositionHeld held{*this};
  const std::uint64_t to = TRY(seek(offset, whence));
  set_position(to);
  return to;
}

Result<std::uint64_t> File::seek_within(std::int64_t offset, Whence whence, std::uint64_t position,
                                        std::uint64_t size) {
  std::uint64_t base = 0;
  switch (whence) {
    case Whence::set:
      break;
    case Whence::current:
      base = position;
      break;
    case Whence::end:
      base = size;
      break;
    case Whence::data:
    case Whence::hole:
      if (offset < 0 || static_cast<std::uint64_t>(offset) >= size) return err(Errno::nxio);
      return whence == Whence::data ? static_cast<std::uint64_t>(offset) : size;
    default:
      return err(Errno::inval);
  }
  std::int64_t to;
  if (__builtin_add_overflow(static_cast<std::int64_t>(base), offset, &to) || to < 0) return err(Errno::inval);
  return static_cast<std::uint64_t>(to);
}

}  // namespace k::fs
