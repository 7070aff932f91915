#include "ipc/pipe_file.h"

#include <asm/ioctls.h>
#include <linux/magic.h>

#include "fs/vfs/char_device.h"
#include "kernel/lib/format.h"

namespace k::ipc {
namespace {

/// The file system of anonymous pipes: places without a name, so that /proc/PID/fd can open them again.
class PipeFs final : public fs::Superblock {
 public:
  explicit PipeFs(const fs::FilesystemType& type) : Superblock(type, PIPEFS_MAGIC, fs::Entries::in_dentry_cache) {}
};

class PipeInode final : public fs::Inode, public mm::SlabAllocated<PipeInode> {
 public:
  PipeInode(fs::Superblock& sb, fs::InodeOwner owner)
      : Inode(sb, sb.next_inode_number(), S_IFIFO | S_IRUSR | S_IWUSR, owner) {}
};

Result<Ref<fs::Superblock>> no_mount(const fs::FilesystemType&, const fs::MountRequest&) { return err(Errno::inval); }

constinit fs::FilesystemType type{"pipefs", &no_mount};
constinit fs::Mount* pipe_mount = nullptr;  // the kernel's own, for good

Result<Ref<fs::Dentry>> make_place(fs::Superblock& superblock, fs::InodeOwner owner) {
  auto* inode = new (std::nothrow) PipeInode(superblock, owner);
  if (inode == nullptr) return err(Errno::nomem);
  return fs::Dentry::create_root(superblock, Ref<fs::Inode>::adopt(*inode));
}

}  // namespace

Result<void> init() {
  Ref<fs::Superblock> superblock = TRY(make_ref<PipeFs>(type));
  auto root = TRY(make_place(*superblock, {}));
  pipe_mount = TRY(fs::Mount::create(std::move(superblock), std::move(root), "pipefs", 0)).leak();
  fs::FilesystemType::add(type);
  fs::set_special_opener(fs::FileType::fifo, &PipeFile::open_fifo);
  return {};
}

PipeFile::PipeFile(const fs::PathRef& path, Ref<Pipe> pipe, lib::Flags flags)
    : File(path, flags, Position::none), pipe_(std::move(pipe)) {
  others_ = pipe_->open_ends(ends());
}

Ends PipeFile::ends() const {
  Ends ends;
  if (readable()) ends = ends | End::read;
  if (writable()) ends = ends | End::write;
  return ends;
}

/// A FIFO that nobody has open any more forgets what was in it.
void PipeFile::closed() {
  if (pipe_->close_ends(others_ ? ends() : Ends{})) inode().detach(*pipe_);
}

Result<std::size_t> PipeFile::read(IoBuffer& to, fs::IoAt& at) {
  return pipe_->read(to, at.blocking ? Block::yes : Block::no);
}

Result<std::size_t> PipeFile::write(IoBuffer& from, fs::IoAt& at) {
  const std::size_t wanted = from.remaining();
  const auto n =
      pipe_->write(from, at.blocking ? Block::yes : Block::no, flags().has(O_DIRECT) ? Packets::yes : Packets::no);
  at.broken_pipe = wanted > 0 && !pipe_->has(End::read) && (!n || *n < wanted);
  return n;
}

sync::PollEvents PipeFile::poll(sync::PollTable* table) {
  sync::PollEvents events;
  if (readable()) events = pipe_->poll_read(table, others_->there ? 0 : others_->openings);
  if (writable()) events = events | pipe_->poll_write(table);
  return events;
}

fs::AsyncPlaces PipeFile::async_places() {
  return {.first = readable() ? &pipe_->async(End::read) : nullptr,
          .second = writable() ? &pipe_->async(End::write) : nullptr};
}

Result<long> PipeFile::ioctl(unsigned command, IoctlArg argument) {
  if (command != FIONREAD) return err(Errno::notty);
  TRY(argument.write(static_cast<int>(pipe_->queued_bytes())));
  return 0;
}

std::size_t PipeFile::describe_anonymous(std::span<char> out) const {
  if (mount() != pipe_mount) return 0;
  return lib::format_to(out, "pipe:[{}]", inode().number());
}

Result<PipePair> make_pipe(const fs::Credentials& who, lib::Flags flags) {
  auto place = TRY(make_place(pipe_mount->superblock(), {who.fsuid, who.fsgid}));
  auto pipe = TRY(Pipe::create());
  place->inode()->attach(pipe);
  const fs::PathRef path{Ref<fs::Mount>::share(*pipe_mount), std::move(place)};
  auto reader = TRY(PipeFile::create(path, pipe, flags.with(O_RDONLY)));
  auto writer = TRY(PipeFile::create(path, std::move(pipe), flags.with(O_WRONLY)));
  return PipePair{std::move(reader), std::move(writer)};
}

Result<Ref<PipeFile>> PipeFile::create(const fs::PathRef& path, Ref<Pipe> pipe, lib::Flags flags) {
  auto* file = new (std::nothrow) PipeFile(path, std::move(pipe), flags);
  if (file == nullptr) return err(Errno::nomem);
  return Ref<PipeFile>::adopt(*file);
}

namespace {

/// The Pipe of a FIFO's inode; the first opener brings it.
Result<Ref<Pipe>> pipe_of(fs::Inode& inode) {
  if (auto there = inode.attachment()) return Ref<Pipe>::adopt(static_cast<Pipe&>(*there.leak()));
  auto there = inode.attach(TRY(Pipe::create()));
  return Ref<Pipe>::adopt(static_cast<Pipe&>(*there.leak()));
}

}  // namespace

/// Readers wait for a writer and writers for a reader; without blocking a reader goes ahead alone, a writer may not. Opening
/// for both never waits. Source: fifo(7).
Result<Ref<fs::File>> PipeFile::open_fifo(const fs::OpenRequest& request) {
  const unsigned mode = request.flags.bits() & O_ACCMODE;
  const bool blocking = !request.flags.has(O_NONBLOCK);
  for (;;) {
    auto pipe = TRY(pipe_of(request.path.inode()));
    if (mode == O_WRONLY && !blocking && !pipe->has(End::read)) return err(Errno::nxio);
    auto held = TRY(create(request.path, pipe, request.flags));
    if (!held->others_) continue;  // its last user went meanwhile, and takes it from the inode
    if (!blocking || mode == O_RDWR) return held;
    const auto came = pipe->wait_for_other_end(mode == O_WRONLY ? End::write : End::read, *held->others_);
    if (came) return held;
    held->others_.reset();
    return err(came.error());
  }
}

}  // namespace k::ipc
