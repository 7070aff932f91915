#include "net/socket/socket_file.h"

#include <linux/magic.h>

#include "fs/vfs/mount.h"
#include "kernel/lib/format.h"

namespace k::net {
namespace {

constexpr std::uint64_t kMagic = 0x534f434b;  // SOCKFS_MAGIC, which no UAPI header has

class SocketFs final : public fs::Superblock {
 public:
  explicit SocketFs(const fs::FilesystemType& type) : Superblock(type, kMagic, fs::Entries::in_dentry_cache) {}
};

class SocketInode final : public fs::Inode, public mm::SlabAllocated<SocketInode> {
 public:
  SocketInode(fs::Superblock& sb, fs::InodeOwner owner) : Inode(sb, sb.next_inode_number(), S_IFSOCK | 0777, owner) {}
};

Result<Ref<fs::Superblock>> no_mount(const fs::FilesystemType&, const fs::MountRequest&) { return err(Errno::inval); }

constinit fs::FilesystemType type{"sockfs", &no_mount};
constinit fs::Mount* socket_mount = nullptr;  // the kernel's own, for good

Result<Ref<fs::Dentry>> make_place(fs::Superblock& superblock, fs::InodeOwner owner) {
  auto* inode = new (std::nothrow) SocketInode(superblock, owner);
  if (inode == nullptr) return err(Errno::nomem);
  return fs::Dentry::create_root(superblock, Ref<fs::Inode>::adopt(*inode));
}

}  // namespace

Result<void> init() {
  Ref<fs::Superblock> superblock = TRY(make_ref<SocketFs>(type));
  auto root = TRY(make_place(*superblock, {}));
  socket_mount = TRY(fs::Mount::create(std::move(superblock), std::move(root), "sockfs", 0)).leak();
  fs::FilesystemType::add(type);
  return {};
}

Result<Ref<SocketFile>> SocketFile::create(const fs::Credentials& who, lib::Flags flags) {
  auto place = TRY(make_place(socket_mount->superblock(), {who.fsuid, who.fsgid}));
  const fs::PathRef path{Ref<fs::Mount>::share(*socket_mount), std::move(place)};
  auto* file = new (std::nothrow) SocketFile(path, flags.with(O_RDWR));
  if (file == nullptr) return err(Errno::nomem);
  return Ref<SocketFile>::adopt(*file);
}

void SocketFile::open(Ref<Socket> socket) {
  socket_ = std::move(socket);
  socket_->opened(*this);
}

void SocketFile::closed() {
  if (socket_) socket_->close();
  socket_.reset();
}

Result<std::size_t> SocketFile::read(IoBuffer& to, fs::IoAt& at) {
  if (to.empty()) return 0;
  ReceiveRequest request{.blocking = at.blocking};
  const auto n = socket_->receive(to, request);
  if (request.rights) drop_rights(std::move(request.rights));
  return n;
}

Result<std::size_t> SocketFile::write(IoBuffer& from, fs::IoAt& at) {
  SendRequest request{.blocking = at.blocking};
  const auto n = socket_->send(from, request);
  at.broken_pipe = request.broken_pipe;
  return n;
}

sync::PollEvents SocketFile::poll(sync::PollTable* table) { return socket_->poll(table); }
Result<long> SocketFile::ioctl(unsigned command, IoctlArg argument) { return socket_->ioctl(command, argument); }

std::size_t SocketFile::describe_anonymous(std::span<char> out) const {
  return lib::format_to(out, "socket:[{}]", inode().number());
}

SocketFile* try_socket_file(fs::File& file) {
  if (file.is_path_only() || file.mount() != socket_mount) return nullptr;
  return static_cast<SocketFile*>(&file);
}

Result<SocketFile*> socket_file(fs::File& file) {
  SocketFile* const found = try_socket_file(file);
  if (found == nullptr) return err(Errno::notsock);
  return found;
}

}  // namespace k::net
