/// bind(2), listen(2), connect(2), accept(2) on AF_UNIX.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>

#include "sockets/sockets.h"
#include "support/signals.h"

using namespace systest;

TEST(SocketBind, MakesASocketInodeUnderTheUmask) {
  umask(027);
  Fd bound{socket(AF_UNIX, SOCK_STREAM, 0)};
  const UnixName name{"here"};
  ASSERT_OK(bind(bound, name.get(), name.length));
  EXPECT_EQ(stat_of("here").st_mode, S_IFSOCK | 0750u);
  EXPECT_ERRNO(ENXIO, open("here", O_RDWR));
  sockaddr_un back;
  socklen_t length = sizeof back;
  ASSERT_OK(getsockname(bound, (sockaddr*)&back, &length));
  EXPECT_EQ(length, offsetof(sockaddr_un, sun_path) + 5);
  EXPECT_STREQ(back.sun_path, "here");
}

TEST(SocketBind, RefusesANameThatIsTaken) {
  put("file", "");
  Fd one{socket(AF_UNIX, SOCK_STREAM, 0)}, other{socket(AF_UNIX, SOCK_DGRAM, 0)};
  const UnixName file{"file"}, fine{"fine"};
  EXPECT_ERRNO(EADDRINUSE, bind(one, file.get(), file.length));
  ASSERT_OK(bind(one, fine.get(), fine.length));
  EXPECT_ERRNO(EADDRINUSE, bind(other, fine.get(), fine.length));
  const UnixName again{"again"};
  EXPECT_ERRNO(EINVAL, bind(one, again.get(), again.length)) << "bound already";
  one.reset();
  EXPECT_ERRNO(EADDRINUSE, bind(other, fine.get(), fine.length)) << "the name stays behind";
  unlink("fine");
  EXPECT_OK(bind(other, fine.get(), fine.length));
}

TEST(SocketBind, RefusesBadAddresses) {
  Fd one{socket(AF_UNIX, SOCK_STREAM, 0)};
  UnixName name{"x"};
  EXPECT_ERRNO(EINVAL, bind(one, name.get(), 1));
  EXPECT_ERRNO(EINVAL, bind(one, name.get(), sizeof(sockaddr_un) + 1));
  EXPECT_ERRNO(EINVAL, bind(one, name.get(), -1));
  EXPECT_ERRNO(EFAULT, bind(one, (sockaddr*)8, 10));
  name.address.sun_family = AF_INET;
  EXPECT_ERRNO(EINVAL, bind(one, name.get(), name.length));
  const UnixName deep{"no/such/directory"};
  EXPECT_ERRNO(ENOENT, bind(one, deep.get(), deep.length));
}

TEST(SocketBind, TakesALongPathWithoutNul) {
  Fd one{socket(AF_UNIX, SOCK_DGRAM, 0)};
  UnixName name{"x"};
  memset(name.address.sun_path, 'p', sizeof name.address.sun_path);
  ASSERT_OK(bind(one, name.get(), sizeof(sockaddr_un)));
  EXPECT_OK(access(std::string(108, 'p').c_str(), F_OK));
  char room[200];
  socklen_t length = sizeof room;
  ASSERT_OK(getsockname(one, (sockaddr*)room, &length));
  EXPECT_EQ(length, offsetof(sockaddr_un, sun_path) + 109);
}

TEST(SocketBind, AbstractNamesLiveAsLongAsTheSocket) {
  Fd one{socket(AF_UNIX, SOCK_STREAM, 0)}, other{socket(AF_UNIX, SOCK_STREAM, 0)};
  const UnixName name{"@abstract"};
  ASSERT_OK(bind(one, name.get(), name.length));
  EXPECT_ERRNO(EADDRINUSE, bind(other, name.get(), name.length));
  Fd datagram{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_OK(bind(datagram, name.get(), name.length)) << "names belong to a type";
  EXPECT_ERRNO(ENOENT, access("@abstract", F_OK));
  one.reset();
  EXPECT_OK(bind(other, name.get(), name.length));
}

TEST(SocketBind, AutobindGivesFiveHexadecimalDigits) {
  Fd one{socket(AF_UNIX, SOCK_DGRAM, 0)};
  const UnixName name{"x"};
  ASSERT_OK(bind(one, name.get(), sizeof(sa_family_t)));
  sockaddr_un back;
  socklen_t length = sizeof back;
  ASSERT_OK(getsockname(one, (sockaddr*)&back, &length));
  ASSERT_EQ(length, sizeof(sa_family_t) + 6);
  EXPECT_EQ(back.sun_path[0], '\0');
  EXPECT_EQ(std::string_view(back.sun_path + 1, 5).find_first_not_of("0123456789abcdef"), std::string_view::npos);
  EXPECT_OK(bind(one, name.get(), sizeof(sa_family_t)));
}

TEST(SocketConnect, ReachesAListenerByPath) {
  Fd listener = make_listener("server");
  Fd client = connect_to("server");
  ASSERT_GE(client, 0);
  EXPECT_EQ(write(client, "early", 5), 5) << "before it is accepted";
  sockaddr_un peer;
  socklen_t length = sizeof peer;
  Fd server{accept(listener, (sockaddr*)&peer, &length)};
  ASSERT_GE(server, 0);
  EXPECT_EQ(length, sizeof(sa_family_t));
  EXPECT_EQ(read_some(server), "early");
  EXPECT_EQ(write(server, "late", 4), 4);
  EXPECT_EQ(read_some(client), "late");
  length = sizeof peer;
  ASSERT_OK(getpeername(client, (sockaddr*)&peer, &length));
  EXPECT_STREQ(peer.sun_path, "server");
  length = sizeof peer;
  ASSERT_OK(getsockname(server, (sockaddr*)&peer, &length));
  EXPECT_STREQ(peer.sun_path, "server");
}

TEST(SocketConnect, ReachesAListenerByAbstractName) {
  Fd listener = make_listener("@server", SOCK_SEQPACKET);
  Fd client = connect_to("@server", SOCK_SEQPACKET);
  ASSERT_GE(client, 0);
  Fd server{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  ASSERT_GE(server, 0);
  EXPECT_EQ(fcntl(server, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(server, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("@server", SOCK_STREAM)) << "another type";
}

TEST(SocketConnect, RefusedWithoutAListener) {
  EXPECT_ERRNO(ENOENT, (int)connect_to("nothing"));
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("@nothing"));
  put("file", "");
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("file"));
  Fd bound{socket(AF_UNIX, SOCK_STREAM, 0)};
  const UnixName name{"bound"};
  ASSERT_OK(bind(bound, name.get(), name.length));
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("bound")) << "does not listen";
  EXPECT_ERRNO(EPROTOTYPE, (int)connect_to("bound", SOCK_DGRAM));
  bound.reset();
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("bound")) << "dead";
}

TEST(SocketConnect, NeedsWritePermission) {
  umask(0);
  Fd listener = make_listener("server");
  chmod(".", 0755);
  chmod("server", 0755);
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EACCES, (int)connect_to("server")); }), 0);
  chmod("server", 0777);
  EXPECT_EQ(as_user([] { EXPECT_GE((int)connect_to("server"), 0); }), 0);
}

TEST(SocketConnect, OnceOnly) {
  Fd listener = make_listener("server");
  Fd client = connect_to("server");
  const UnixName name{"server"};
  EXPECT_ERRNO(EISCONN, connect(client, name.get(), name.length));
  EXPECT_ERRNO(EINVAL, connect(listener, name.get(), name.length));
  EXPECT_ERRNO(EINVAL, listen(client, 1));
  Fd fresh{socket(AF_UNIX, SOCK_STREAM, 0)};
  EXPECT_ERRNO(EINVAL, listen(fresh, 1)) << "has no name";
  sockaddr none{};
  EXPECT_ERRNO(EINVAL, connect(fresh, &none, sizeof none)) << "AF_UNSPEC";
  EXPECT_ERRNO(EINVAL, accept(fresh, nullptr, nullptr));
}

TEST(SocketConnect, UnconnectedStreamsAnswer) {
  Fd fresh{socket(AF_UNIX, SOCK_STREAM, 0)};
  char byte = 0;
  EXPECT_ERRNO(ENOTCONN, send(fresh, &byte, 1, MSG_NOSIGNAL));
  EXPECT_ERRNO(EINVAL, recv(fresh, &byte, 1, 0));
  sockaddr_un peer;
  socklen_t length = sizeof peer;
  EXPECT_ERRNO(ENOTCONN, getpeername(fresh, (sockaddr*)&peer, &length));
  const UnixName name{"x"};
  EXPECT_ERRNO(EOPNOTSUPP, sendto(fresh, &byte, 1, 0, name.get(), name.length));
  auto pair = make_pair();
  EXPECT_ERRNO(EISCONN, sendto(pair.one, &byte, 1, 0, name.get(), name.length));
}

TEST(SocketConnect, BacklogLimitsWhoWaits) {
  Fd listener = make_listener("server", SOCK_STREAM, 1);
  Fd one = connect_to("server"), two = connect_to("server");
  ASSERT_GE(one, 0);
  ASSERT_GE(two, 0);
  EXPECT_ERRNO(EAGAIN, (int)connect_to("server", SOCK_STREAM | SOCK_NONBLOCK));
  const pid_t child = spawn([&] {
    Fd three = connect_to("server");
    ASSERT_GE(three, 0);
    EXPECT_EQ(read_some(three), "hello");
  });
  await_state(child, 'S');
  Fd first{accept(listener, nullptr, nullptr)};
  Fd second{accept(listener, nullptr, nullptr)};
  Fd third{accept(listener, nullptr, nullptr)};
  ASSERT_GE(third, 0);
  EXPECT_EQ(write(third, "hello", 5), 5);
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketAccept, WaitsForAConnection) {
  Fd listener = make_listener("server");
  const pid_t child = spawn([&] {
    Fd server{accept(listener, nullptr, nullptr)};
    ASSERT_GE(server, 0);
    EXPECT_EQ(read_some(server), "x");
  });
  await_state(child, 'S');
  Fd client = connect_to("server");
  EXPECT_EQ(write(client, "x", 1), 1);
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketAccept, NonblockingListenerAnswersEagain) {
  Fd listener = make_listener("server", SOCK_STREAM | SOCK_NONBLOCK);
  EXPECT_ERRNO(EAGAIN, accept(listener, nullptr, nullptr));
  Fd client = connect_to("server");
  Fd server{accept(listener, nullptr, nullptr)};
  ASSERT_GE(server, 0);
  EXPECT_EQ(fcntl(server, F_GETFL), O_RDWR) << "O_NONBLOCK is not inherited";
  EXPECT_ERRNO(EINVAL, accept4(listener, nullptr, nullptr, 1));
  Fd datagram{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_ERRNO(EOPNOTSUPP, accept(datagram, nullptr, nullptr));
  EXPECT_ERRNO(EOPNOTSUPP, listen(datagram, 1));
}

TEST(SocketAccept, ClosingTheListenerResetsThoseWhoWait) {
  Fd listener = make_listener("server");
  Fd client = connect_to("server");
  listener.reset();
  char byte;
  EXPECT_ERRNO(ECONNRESET, read(client, &byte, 1));
  EXPECT_EQ(read(client, &byte, 1), 0);
  EXPECT_ERRNO(EPIPE, send(client, "x", 1, MSG_NOSIGNAL));
}

TEST(SocketAccept, ShutdownEndsListening) {
  Fd listener = make_listener("server");
  ASSERT_OK(shutdown(listener, SHUT_RD));
  EXPECT_ERRNO(ECONNREFUSED, (int)connect_to("server"));
  EXPECT_ERRNO(EINVAL, accept(listener, nullptr, nullptr));
}

TEST(SocketAccept, InterruptedBySignalIsRestartedOrNot) {
  Fd listener = make_listener("server");
  const pid_t child = spawn([&] {
    count_signal(SIGUSR1);
    EXPECT_ERRNO(EINTR, accept(listener, nullptr, nullptr));
  });
  await_state(child, 'S');
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
}
