/// Short ways to make AF_UNIX sockets and to pass files and identities through them.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

namespace systest {

struct SocketEnds {
  Fd one, other;
};
SocketEnds make_pair(int type = SOCK_STREAM);

/// A socket address with its length: a path, or an abstract name when it starts with '@'.
struct UnixName {
  explicit UnixName(std::string_view name);
  const sockaddr* get() const { return (const sockaddr*)&address; }
  sockaddr_un address{};
  socklen_t length;
};

/// A bound socket that listens when its type can.
Fd make_listener(std::string_view name, int type = SOCK_STREAM, int backlog = 5);
/// A connected one; -1 in it and errno when that fails.
Fd connect_to(std::string_view name, int type = SOCK_STREAM);

/// sendmsg of `text` with files; recvmsg of up to `size` bytes.
ssize_t send_files(int socket, std::string_view text, const std::vector<int>& files, int flags = 0);
struct Received {
  ssize_t result = -1;
  int error = 0;
  std::string text;
  std::vector<Fd> files;
  bool has_identity = false;
  ucred identity{};
  int flags = 0;
  std::string from;  // the sender's path, or its abstract name with '@'
};
Received receive(int socket, int flags = 0, std::size_t size = 4096, std::size_t control_size = 1200);

}  // namespace systest
