/// AF_UNIX sockets without descriptors or processes: bytes in and out, names, files of their own.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "net/socket/socket_file.h"
#include "net/unix/in_flight.h"
#include "net/unix/unix_socket.h"
#include "test/unit/support/vfs.h"

namespace k::test {

class UnixSocketTest : public VfsTest {
 protected:
  UnixSocketTest();

  /// A socket as its descriptor has it: closed with the last reference to the file.
  using File = Ref<net::SocketFile>;
  File open(Ref<net::Socket> socket);
  File create(int type) { return open(net::UnixSocket::create({abi::kAfUnix, type, 0}).value()); }
  std::pair<File, File> pair(int type);

  static Result<std::size_t> send(net::SocketFile& file, std::string_view text, net::SendRequest&& request = {}) {
    return send(file, text, request);
  }
  static Result<std::size_t> send(net::SocketFile& file, std::string_view text, net::SendRequest& request);
  static Result<std::string> receive(net::SocketFile& file, std::size_t most, net::ReceiveRequest&& request = {}) {
    return receive(file, most, request);
  }
  static Result<std::string> receive(net::SocketFile& file, std::size_t most, net::ReceiveRequest& request);
  static Result<std::string> try_receive(net::SocketFile& file, std::size_t most, unsigned flags = 0) {
    return receive(file, most, {.flags = lib::Flags{flags}, .blocking = false});
  }
  /// A message that carries `file`.
  static Result<std::size_t> send_file(net::SocketFile& to, Ref<fs::File> file);

  static net::SocketAddress address(std::string_view name);
  /// `name` as bind(2) takes it; an abstract one starts with NUL.
  Result<void> bind(net::SocketFile& file, std::string_view name) {
    return file.socket().bind({address(name), context()});
  }
  Result<void> connect(net::SocketFile& file, std::string_view name, bool blocking = true) {
    return file.socket().connect({address(name), context(), blocking});
  }
  File listener(std::string_view name, int backlog, int type = abi::kSockStream);
  Result<File> accept(net::SocketFile& listener, bool blocking = true);
};

inline UnixSocketTest::UnixSocketTest() {
  static const bool started = net::init().has_value();
  EXPECT_TRUE(started);
}

inline UnixSocketTest::File UnixSocketTest::open(Ref<net::Socket> socket) {
  auto file = net::SocketFile::create(*who_, {}).value();
  file->open(std::move(socket));
  return file;
}

inline std::pair<UnixSocketTest::File, UnixSocketTest::File> UnixSocketTest::pair(int type) {
  auto [one, other] = net::UnixSocket::create_pair({abi::kAfUnix, type, 0}).value();
  return {open(std::move(one)), open(std::move(other))};
}

inline Result<std::size_t> UnixSocketTest::send(net::SocketFile& file, std::string_view text,
                                                net::SendRequest& request) {
  IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
  return file.socket().send(from, request);
}

inline Result<std::string> UnixSocketTest::receive(net::SocketFile& file, std::size_t most,
                                                   net::ReceiveRequest& request) {
  std::string text(most, '\0');
  IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span{text}));
  text.resize(TRY(file.socket().receive(to, request)));
  return text;
}

inline Result<std::size_t> UnixSocketTest::send_file(net::SocketFile& to, Ref<fs::File> file) {
  net::SendRequest request{.rights = TRY(net::Rights::create(1))};
  request.rights->files()[0] = std::move(file);
  return send(to, "f", request);
}

inline net::SocketAddress UnixSocketTest::address(std::string_view name) {
  net::SocketAddress a;
  const std::uint16_t family = abi::kAfUnix;
  std::memcpy(a.bytes, &family, sizeof family);
  std::memcpy(a.bytes + sizeof family, name.data(), name.size());
  a.length = sizeof family + name.size();
  return a;
}

inline UnixSocketTest::File UnixSocketTest::listener(std::string_view name, int backlog, int type) {
  auto file = create(type);
  EXPECT_OK(bind(*file, name));
  EXPECT_OK(file->socket().listen(backlog));
  return file;
}

inline Result<UnixSocketTest::File> UnixSocketTest::accept(net::SocketFile& listener, bool blocking) {
  return open(TRY(listener.socket().accept(blocking)));
}

}  // namespace k::test
