/// Datagrams and sequenced packets of AF_UNIX: unix(7), send(2), recv(2).
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sockets/sockets.h"
#include "support/signals.h"

using namespace systest;

static ssize_t send_to(int socket, std::string_view text, std::string_view name, int flags = 0) {
  const UnixName to{name};
  return sendto(socket, text.data(), text.size(), flags, to.get(), to.length);
}

TEST(SocketDatagram, KeepsMessagesApart) {
  auto pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(write(pair.one, "abc", 3), 3);
  EXPECT_EQ(write(pair.one, "", 0), 0);
  EXPECT_EQ(write(pair.one, "de", 2), 2);
  EXPECT_EQ(read_some(pair.other), "abc");
  EXPECT_EQ(recv(pair.other, nullptr, 0, MSG_DONTWAIT), 0) << "the empty one";
  EXPECT_EQ(read_some(pair.other), "de");
}

TEST(SocketDatagram, CutsWhatDoesNotFit) {
  auto pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(write(pair.one, "abcdef", 6), 6);
  EXPECT_EQ(write(pair.one, "next", 4), 4);
  auto got = receive(pair.other, MSG_PEEK, 2);
  EXPECT_EQ(got.result, 2);
  EXPECT_EQ(got.flags, MSG_TRUNC);
  got = receive(pair.other, MSG_TRUNC, 2);
  EXPECT_EQ(got.result, 6);
  EXPECT_EQ(got.text, "ab");
  EXPECT_EQ(got.flags, MSG_TRUNC);
  EXPECT_EQ(read_some(pair.other), "next");
}

TEST(SocketDatagram, TellsTheSendersName) {
  Fd server = make_listener("server", SOCK_DGRAM);
  Fd client = make_listener("@client", SOCK_DGRAM), unnamed{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_EQ(send_to(client, "hello", "server"), 5);
  EXPECT_EQ(send_to(unnamed, "who", "server"), 3);
  auto got = receive(server);
  EXPECT_EQ(got.text, "hello");
  EXPECT_EQ(got.from, "@client");
  EXPECT_EQ(send_to(server, "reply", got.from), 5);
  EXPECT_EQ(receive(server).from, "");
  got = receive(client);
  EXPECT_EQ(got.text, "reply");
  EXPECT_EQ(got.from, "server");
}

TEST(SocketDatagram, WithoutATargetIsEnotconn) {
  Fd lonely{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_ERRNO(ENOTCONN, send(lonely, "x", 1, 0));
  EXPECT_ERRNO(EAGAIN, recv(lonely, nullptr, 0, MSG_DONTWAIT));
  EXPECT_ERRNO(ENOENT, send_to(lonely, "x", "nobody"));
  EXPECT_ERRNO(ECONNREFUSED, send_to(lonely, "x", "@nobody"));
  Fd stream = make_listener("stream");
  EXPECT_ERRNO(EPROTOTYPE, send_to(lonely, "x", "stream"));
}

TEST(SocketDatagram, ConnectSetsAndUnsetsThePeer) {
  Fd one = make_listener("one", SOCK_DGRAM), two = make_listener("two", SOCK_DGRAM);
  Fd client = connect_to("one", SOCK_DGRAM);
  ASSERT_GE(client, 0);
  EXPECT_EQ(send(client, "to one", 6, 0), 6);
  EXPECT_EQ(read_some(one), "to one");
  const UnixName second{"two"};
  ASSERT_OK(connect(client, second.get(), second.length));
  EXPECT_EQ(send(client, "to two", 6, 0), 6);
  EXPECT_EQ(read_some(two), "to two");
  EXPECT_EQ(send_to(client, "named", "one"), 5);
  EXPECT_EQ(read_some(one), "named");
  sockaddr none{};
  ASSERT_OK(connect(client, &none, sizeof none));
  EXPECT_ERRNO(ENOTCONN, send(client, "x", 1, 0));
}

TEST(SocketDatagram, OnlyThePeerMaySendToAConnectedSocket) {
  Fd server = make_listener("server", SOCK_DGRAM);
  Fd client = make_listener("client", SOCK_DGRAM);
  const UnixName there{"client"};
  ASSERT_OK(connect(server, there.get(), there.length));
  Fd stranger{socket(AF_UNIX, SOCK_DGRAM, 0)};
  EXPECT_ERRNO(EPERM, send_to(stranger, "x", "server"));
  EXPECT_ERRNO(EPERM, (int)connect_to("server", SOCK_DGRAM));
  EXPECT_EQ(send_to(client, "x", "server"), 1);
}

TEST(SocketDatagram, ADeadPeerRefusesOnceAndIsForgotten) {
  auto pair = make_pair(SOCK_DGRAM);
  pair.other.reset();
  count_signal(SIGPIPE);
  EXPECT_ERRNO(ECONNREFUSED, send(pair.one, "x", 1, 0));
  EXPECT_ERRNO(ENOTCONN, send(pair.one, "x", 1, 0));
  EXPECT_EQ(seen.count, 0);
}

TEST(SocketDatagram, TooLongIsEmsgsize) {
  auto pair = make_pair(SOCK_DGRAM);
  const std::string big(300000, 'b');
  EXPECT_ERRNO(EMSGSIZE, send(pair.one, big.data(), big.size(), 0));
  EXPECT_EQ(send(pair.one, big.data(), 150000, 0), 150000);
  std::string back(200000, ' ');
  EXPECT_EQ(recv(pair.other, back.data(), back.size(), 0), 150000);
  EXPECT_EQ(back.substr(0, 150000), big.substr(0, 150000));
}

TEST(SocketDatagram, PollWakesAWriterWhenTheReceiverReads) {
  Fd server = make_listener("server", SOCK_DGRAM);
  Fd client = connect_to("server", SOCK_DGRAM | SOCK_NONBLOCK);
  while (send(client, "x", 1, 0) == 1) {
  }
  const pid_t child = spawn([&] {
    pollfd ready{client, POLLOUT, 0};
    EXPECT_EQ(poll(&ready, 1, -1), 1);
  });
  await_state(child, 'S');
  while (recv(server, nullptr, 0, MSG_DONTWAIT) == 0) {
  }
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketDatagram, ShutdownOfReadingEndsReceiving) {
  auto pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(write(pair.one, "x", 1), 1);
  ASSERT_OK(shutdown(pair.other, SHUT_RD));
  EXPECT_EQ(read_some(pair.other), "x");
  char byte;
  EXPECT_EQ(recv(pair.other, &byte, 1, 0), 0);
  EXPECT_ERRNO(EAGAIN, recv(pair.other, &byte, 1, MSG_DONTWAIT));
  EXPECT_ERRNO(EPIPE, send(pair.one, "x", 1, MSG_NOSIGNAL));
}

TEST(SocketDatagram, FionreadIsTheFirstMessage) {
  auto pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(write(pair.one, "abc", 3), 3);
  EXPECT_EQ(write(pair.one, "defgh", 5), 5);
  int n = 0;
  ASSERT_OK(ioctl(pair.other, FIONREAD, &n));
  EXPECT_EQ(n, 3);
}

TEST(SocketDatagram, PasscredBindsTheSender) {
  Fd server = make_listener("server", SOCK_DGRAM);
  Fd client{socket(AF_UNIX, SOCK_DGRAM, 0)};
  const int on = 1;
  ASSERT_OK(setsockopt(client, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  EXPECT_EQ(send_to(client, "x", "server"), 1);
  EXPECT_EQ(receive(server).from.size(), 6u);
}

TEST(SocketSeqpacket, KeepsBoundariesAndConnections) {
  auto pair = make_pair(SOCK_SEQPACKET);
  EXPECT_EQ(send(pair.one, "abc", 3, MSG_EOR), 3);
  EXPECT_EQ(send(pair.one, "de", 2, 0), 2);
  auto got = receive(pair.other, 0, 2);
  EXPECT_EQ(got.text, "ab");
  EXPECT_EQ(got.flags, MSG_TRUNC);
  EXPECT_EQ(read_some(pair.other), "de");
  pair.one.reset();
  EXPECT_EQ(read(pair.other, nullptr, 0), 0);
  char byte;
  EXPECT_EQ(recv(pair.other, &byte, 1, MSG_DONTWAIT), 0);
  count_signal(SIGPIPE);
  EXPECT_ERRNO(EPIPE, send(pair.other, "x", 1, 0));
  EXPECT_EQ(seen.count, 0);
}

TEST(SocketSeqpacket, UnconnectedIsEnotconn) {
  Fd fresh{socket(AF_UNIX, SOCK_SEQPACKET, 0)};
  char byte;
  EXPECT_ERRNO(ENOTCONN, send(fresh, "x", 1, 0));
  EXPECT_ERRNO(ENOTCONN, recv(fresh, &byte, 1, 0));
}

TEST(SocketMany, SendmmsgAndRecvmmsgCount) {
  auto pair = make_pair(SOCK_DGRAM);
  char texts[3][8] = {"one", "two", "three"};
  iovec pieces[3];
  mmsghdr messages[3] = {};
  for (int i = 0; i < 3; ++i) {
    pieces[i] = {texts[i], strlen(texts[i])};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  EXPECT_EQ(sendmmsg(pair.one, messages, 3, 0), 3);
  EXPECT_EQ(messages[2].msg_len, 5u);
  for (int i = 0; i < 3; ++i) pieces[i].iov_len = 8;
  EXPECT_EQ(recvmmsg(pair.other, messages, 2, 0, nullptr), 2);
  EXPECT_EQ(messages[0].msg_len, 3u);
  EXPECT_EQ(recvmmsg(pair.other, messages, 3, MSG_WAITFORONE, nullptr), 1);
  EXPECT_EQ(messages[0].msg_len, 5u);
  EXPECT_ERRNO(EAGAIN, recvmmsg(pair.other, messages, 3, MSG_DONTWAIT, nullptr));
}
