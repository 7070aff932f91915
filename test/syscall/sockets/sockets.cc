#include "sockets/sockets.h"

#include <cstddef>

namespace systest {

SocketEnds make_pair(int type) {
  int fds[2];
  EXPECT_OK(socketpair(AF_UNIX, type, 0, fds));
  return {Fd{fds[0]}, Fd{fds[1]}};
}

UnixName::UnixName(std::string_view name) {
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, name.data(), name.size());
  length = offsetof(sockaddr_un, sun_path) + name.size();
  if (name.starts_with('@')) {
    address.sun_path[0] = '\0';
  } else {
    ++length;
  }
}

Fd make_listener(std::string_view name, int type, int backlog) {
  Fd listener{socket(AF_UNIX, type, 0)};
  const UnixName address{name};
  EXPECT_OK(bind(listener, address.get(), address.length));
  if ((type & 0xf) != SOCK_DGRAM) EXPECT_OK(listen(listener, backlog));
  return listener;
}

Fd connect_to(std::string_view name, int type) {
  Fd made{socket(AF_UNIX, type, 0)};
  const UnixName address{name};
  if (connect(made, address.get(), address.length) == 0) return made;
  const int error = errno;
  made.reset();
  errno = error;
  return made;
}

ssize_t send_files(int socket, std::string_view text, const std::vector<int>& files, int flags) {
  iovec piece{(void*)text.data(), text.size()};
  std::vector<char> control(CMSG_SPACE(files.size() * sizeof(int)));
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
  memcpy(CMSG_DATA(header), files.data(), files.size() * sizeof(int));
  return sendmsg(socket, &message, flags);
}

static void take_control(Received& out, msghdr& message) {
  for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_type == SCM_RIGHTS) {
      const std::size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int fd;
        memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
        out.files.emplace_back(fd);
      }
    }
    if (h->cmsg_type == SCM_CREDENTIALS) {
      out.has_identity = true;
      memcpy(&out.identity, CMSG_DATA(h), sizeof out.identity);
    }
  }
}

Received receive(int socket, int flags, std::size_t size, std::size_t control_size) {
  Received out;
  out.text.resize(size);
  std::vector<char> control(control_size);
  iovec piece{out.text.data(), size};
  sockaddr_un from{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control_size;
  out.result = recvmsg(socket, &message, flags);
  out.error = out.result < 0 ? errno : 0;
  out.text.resize(out.result < 0 ? 0 : std::min((std::size_t)out.result, size));
  if (out.result < 0) return out;
  out.flags = message.msg_flags;
  const std::size_t prefix = offsetof(sockaddr_un, sun_path);
  if (message.msg_namelen > prefix) {
    out.from.assign(from.sun_path, message.msg_namelen - prefix);
    if (out.from[0] == '\0') {
      out.from[0] = '@';
    } else {
      out.from.resize(out.from.find('\0'));
    }
  }
  take_control(out, message);
  return out;
}

}  // namespace systest
