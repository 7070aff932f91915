/// SocketFile: a socket as an open file description, "socket:[inode]".
///
/// Invariants  read and write are receive and send without flags; reading 0 bytes does nothing (recv(2) with 0 may wait).
/// Errors      create: NOMEM. socket_of: NOTSOCK.
/// Source      socket(2), proc(5) (/proc/PID/fd).
#pragma once

#include "mm/phys/slab.h"
#include "net/socket/socket.h"

namespace k::net {

class SocketFile final : public fs::File, public mm::SlabAllocated<SocketFile> {
 public:
  /// A description whose socket follows with open(): what accept(2) makes before it waits. `flags`: O_NONBLOCK.
  static Result<Ref<SocketFile>> create(const fs::Credentials& who, lib::Flags flags);
  void open(Ref<Socket> socket);
  Socket& socket() const { return *socket_; }

  Result<std::size_t> read(IoBuffer& to, fs::IoAt& at) override;
  Result<std::size_t> write(IoBuffer& from, fs::IoAt& at) override;
  sync::PollEvents poll(sync::PollTable* table) override;
  fs::AsyncPlaces async_places() override { return {.first = &socket_->async()}; }
  Result<long> ioctl(unsigned command, IoctlArg argument) override;
  std::size_t describe_anonymous(std::span<char> out) const override;

 private:
  SocketFile(const fs::PathRef& path, lib::Flags flags) : File(path, flags, Position::none) {}
  void closed() override;

  RefOrNull<Socket> socket_;
};

/// Null when `file` is no socket.
SocketFile* try_socket_file(fs::File& file);
Result<SocketFile*> socket_file(fs::File& file);

/// Makes sockets work. Boot, once.
Result<void> init();

}  // namespace k::net
