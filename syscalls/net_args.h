/// Arguments that the socket calls share: the socket behind a descriptor, addresses.
///
/// Context     task context.
/// Errors      BADF, NOTSOCK; FAULT, INVAL (addresses).
/// Source      socket(2), accept(2) (value-result lengths).
#pragma once

#include "net/socket/socket_file.h"
#include "syscalls/calls_net.h"
#include "syscalls/fs_args.h"

namespace k::sys {

/// A socket for the length of one call.
class SocketArg {
 public:
  static Result<SocketArg> find(const Task& self, Fd fd) {
    auto handle = TRY(self.fds().get(fd.number));
    auto* const file = TRY(net::socket_file(*handle));
    return SocketArg{std::move(handle), *file};
  }
  net::Socket* operator->() const { return &file_->socket(); }
  net::Socket& operator*() const { return file_->socket(); }
  bool blocks(Flags message_flags = {}) const { return !message_flags.has(abi::kMsgDontwait) && !file_->nonblocking(); }
  net::SocketFile& file() const { return *file_; }

 private:
  SocketArg(fs::FileHandle handle, net::SocketFile& file) : handle_(std::move(handle)), file_(&file) {}
  fs::FileHandle handle_;
  net::SocketFile* file_;
};

Result<void> read_address(net::SocketAddress& out, UserAddr from, int length);
/// Writes as much as the caller has room for, and the full length.
Result<void> write_address(const net::SocketAddress& address, UserAddr to, UserInOut<int> length);

/// SOCK_CLOEXEC and SOCK_NONBLOCK have the values of O_CLOEXEC and O_NONBLOCK.
static_assert(abi::kSockCloexec == O_CLOEXEC && abi::kSockNonblock == O_NONBLOCK);
inline bool has_only_socket_flags(unsigned type) {
  return (type & ~(abi::kSockTypeMask | abi::kSockCloexec | abi::kSockNonblock)) == 0;
}
inline Flags status_flags_of(unsigned type) { return Flags{type & abi::kSockNonblock}; }

}  // namespace k::sys
