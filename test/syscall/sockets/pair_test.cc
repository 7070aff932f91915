/// socketpair(2), unix(7): streams between two ends.
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "sockets/sockets.h"
#include "support/signals.h"

using namespace systest;

TEST(SocketPair, CarriesBytesBothWays) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.one, "abc", 3), 3);
  EXPECT_EQ(write(pair.one, "def", 3), 3);
  EXPECT_EQ(write(pair.other, "xyz", 3), 3);
  EXPECT_EQ(read_some(pair.other), "abcdef");
  EXPECT_EQ(read_some(pair.one), "xyz");
}

TEST(SocketPair, IsASocketByStat) {
  auto pair = make_pair();
  struct stat st;
  ASSERT_OK(fstat(pair.one, &st));
  EXPECT_EQ(st.st_mode, S_IFSOCK | 0777u);
  EXPECT_EQ(st.st_size, 0);
  char link[64] = {}, expected[64];
  const std::string path = "/proc/self/fd/" + std::to_string((int)pair.one);
  ASSERT_GT(readlink(path.c_str(), link, sizeof link - 1), 0);
  snprintf(expected, sizeof expected, "socket:[%lu]", (unsigned long)st.st_ino);
  EXPECT_STREQ(link, expected);
  EXPECT_ERRNO(ENXIO, open(path.c_str(), O_RDWR));
  EXPECT_ERRNO(ESPIPE, lseek(pair.one, 0, SEEK_CUR));
  char byte;
  EXPECT_ERRNO(ESPIPE, pread(pair.one, &byte, 1, 0));
}

TEST(SocketPair, TakesFlagsWithTheType) {
  int fds[2];
  ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
  Fd one{fds[0]}, other{fds[1]};
  EXPECT_EQ(fcntl(one, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(other, F_GETFL), O_RDWR | O_NONBLOCK);
  char byte;
  EXPECT_ERRNO(EAGAIN, read(one, &byte, 1));
}

TEST(SocketPair, RefusesWhatLinuxRefuses) {
  int fds[2];
  EXPECT_ERRNO(EAFNOSUPPORT, socketpair(45, SOCK_STREAM, 0, fds));
  EXPECT_ERRNO(EAFNOSUPPORT, socketpair(-1, SOCK_STREAM, 0, fds));
  EXPECT_ERRNO(EAFNOSUPPORT, socketpair(0, SOCK_STREAM, 0, fds));
  EXPECT_ERRNO(EINVAL, socketpair(AF_UNIX, 15, 0, fds));
  EXPECT_ERRNO(ESOCKTNOSUPPORT, socketpair(AF_UNIX, SOCK_RDM, 0, fds));
  EXPECT_ERRNO(EPROTONOSUPPORT, socketpair(AF_UNIX, SOCK_STREAM, 7, fds));
  EXPECT_ERRNO(EINVAL, socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, fds));
  EXPECT_ERRNO(EFAULT, socketpair(AF_UNIX, SOCK_STREAM, 0, nullptr));
}

TEST(Socket, RefusesWhatLinuxRefuses) {
  EXPECT_ERRNO(EAFNOSUPPORT, socket(45, SOCK_STREAM, 0));
  EXPECT_ERRNO(EINVAL, socket(AF_UNIX, 12, 0));
  EXPECT_ERRNO(ESOCKTNOSUPPORT, socket(AF_UNIX, SOCK_RDM, 0));
  EXPECT_ERRNO(EPROTONOSUPPORT, socket(AF_UNIX, SOCK_STREAM, 2));
  EXPECT_ERRNO(EINVAL, socket(AF_UNIX, SOCK_STREAM | O_APPEND, 0));
  Fd fine{socket(AF_UNIX, SOCK_STREAM, PF_UNIX)};
  EXPECT_GE(fine, 0);
}

TEST(Socket, OtherDescriptorsAreNotSockets) {
  auto pipe = make_pipe();
  char byte = 0;
  int value;
  socklen_t length = sizeof value;
  EXPECT_ERRNO(ENOTSOCK, send(pipe.write, &byte, 1, 0));
  EXPECT_ERRNO(ENOTSOCK, recv(pipe.read, &byte, 1, 0));
  EXPECT_ERRNO(ENOTSOCK, listen(pipe.read, 1));
  EXPECT_ERRNO(ENOTSOCK, shutdown(pipe.read, SHUT_RD));
  EXPECT_ERRNO(ENOTSOCK, getsockopt(pipe.read, SOL_SOCKET, SO_TYPE, &value, &length));
  EXPECT_ERRNO(EBADF, listen(-1, 1));
  EXPECT_ERRNO(EBADF, accept(-1, nullptr, nullptr));
}

TEST(SocketStream, EndOfFileAfterTheDataWhenThePeerCloses) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.one, "last", 4), 4);
  pair.one.reset();
  EXPECT_EQ(read_some(pair.other), "last");
  EXPECT_EQ(read_some(pair.other), "");
}

TEST(SocketStream, UnreadDataAtCloseResetsThePeer) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.other, "unread", 6), 6);
  EXPECT_EQ(write(pair.one, "still here", 10), 10);
  pair.one.reset();
  char buffer[16];
  EXPECT_EQ(read(pair.other, buffer, sizeof buffer), 10);
  EXPECT_ERRNO(ECONNRESET, read(pair.other, buffer, sizeof buffer));
  EXPECT_EQ(read(pair.other, buffer, sizeof buffer), 0);
}

TEST(SocketStream, WritingToAClosedPeerIsEpipeAndSigpipe) {
  auto pair = make_pair();
  pair.other.reset();
  count_signal(SIGPIPE);
  EXPECT_ERRNO(EPIPE, write(pair.one, "x", 1));
  EXPECT_EQ(seen.count, 1);
  EXPECT_ERRNO(EPIPE, send(pair.one, "x", 1, 0));
  EXPECT_EQ(seen.count, 2);
  EXPECT_ERRNO(EPIPE, send(pair.one, "x", 1, MSG_NOSIGNAL));
  EXPECT_EQ(seen.count, 2);
}

TEST(SocketStream, ShutdownClosesOneDirection) {
  auto pair = make_pair();
  ASSERT_OK(shutdown(pair.one, SHUT_WR));
  count_signal(SIGPIPE);
  EXPECT_ERRNO(EPIPE, send(pair.one, "x", 1, 0));
  EXPECT_EQ(read_some(pair.other), "");
  EXPECT_EQ(write(pair.other, "back", 4), 4);
  EXPECT_EQ(read_some(pair.one), "back");
  EXPECT_ERRNO(EINVAL, shutdown(pair.one, 3));
  EXPECT_ERRNO(EINVAL, shutdown(pair.one, -1));
}

TEST(SocketStream, ShutdownOfReadingStopsThePeersWrites) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.other, "before", 6), 6);
  ASSERT_OK(shutdown(pair.one, SHUT_RD));
  EXPECT_EQ(read_some(pair.one), "before");
  EXPECT_EQ(read_some(pair.one), "");
  EXPECT_ERRNO(EPIPE, send(pair.other, "x", 1, MSG_NOSIGNAL));
}

TEST(SocketStream, BlockedReaderIsWokenByDataAndByClose) {
  auto pair = make_pair();
  const pid_t child = spawn([&] {
    pair.one.reset();
    EXPECT_EQ(read_some(pair.other), "data");
    EXPECT_EQ(read_some(pair.other), "");
  });
  pair.other.reset();
  await_state(child, 'S');
  EXPECT_EQ(write(pair.one, "data", 4), 4);
  await_state(child, 'S');
  pair.one.reset();
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketStream, NonblockingWriterStopsWhenTheBufferIsFull) {
  auto pair = make_pair(SOCK_STREAM | SOCK_NONBLOCK);
  const std::string chunk(4096, 'c');
  ssize_t total = 0;
  for (ssize_t n; (n = write(pair.one, chunk.data(), chunk.size())) > 0;) total += n;
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GE(total, 65536);
  pollfd ready{pair.one, POLLOUT, 0};
  EXPECT_EQ(poll(&ready, 1, 0), 0);
  while (!read_some(pair.other).empty()) {
  }
  EXPECT_EQ(poll(&ready, 1, 0), 1);
}

TEST(SocketStream, BigTransferArrivesInOrder) {
  auto pair = make_pair();
  const pid_t child = spawn([&] {
    pair.one.reset();
    std::string all;
    for (std::string part; !(part = read_some(pair.other)).empty();) all += part;
    ASSERT_EQ(all.size(), 3000000u);
    bool in_order = true;
    for (std::size_t i = 0; i < all.size(); ++i) in_order = in_order && all[i] == (char)(i * 7 >> 3);
    EXPECT_TRUE(in_order);
  });
  pair.other.reset();
  std::string all(3000000, ' ');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = (char)(i * 7 >> 3);
  EXPECT_EQ(write(pair.one, all.data(), all.size()), 3000000);
  pair.one.reset();
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketStream, PeekLeavesTheData) {
  auto pair = make_pair();
  char buffer[8] = {};
  EXPECT_EQ(write(pair.one, "ab", 2), 2);
  EXPECT_EQ(write(pair.one, "cd", 2), 2);
  EXPECT_EQ(recv(pair.other, buffer, 3, MSG_PEEK), 3);
  EXPECT_EQ(std::string_view(buffer, 3), "abc");
  EXPECT_EQ(recv(pair.other, buffer, 8, MSG_PEEK), 4);
  EXPECT_EQ(recv(pair.other, buffer, 8, 0), 4);
  EXPECT_EQ(std::string_view(buffer, 4), "abcd");
}

TEST(SocketStream, PeekOffsetMovesWithPeeksAndReads) {
  auto pair = make_pair();
  int offset = 1;
  ASSERT_OK(setsockopt(pair.other, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset));
  EXPECT_EQ(write(pair.one, "abcdefgh", 8), 8);
  char buffer[8] = {};
  EXPECT_EQ(recv(pair.other, buffer, 2, MSG_PEEK), 2);
  EXPECT_EQ(std::string_view(buffer, 2), "bc");
  EXPECT_EQ(recv(pair.other, buffer, 2, MSG_PEEK), 2);
  EXPECT_EQ(std::string_view(buffer, 2), "de");
  EXPECT_EQ(recv(pair.other, buffer, 3, 0), 3);
  socklen_t length = sizeof offset;
  ASSERT_OK(getsockopt(pair.other, SOL_SOCKET, SO_PEEK_OFF, &offset, &length));
  EXPECT_EQ(offset, 2);
}

TEST(SocketStream, WaitallWaitsForAllOfIt) {
  auto pair = make_pair();
  const pid_t child = spawn([&] {
    char buffer[6];
    EXPECT_EQ(recv(pair.other, buffer, 6, MSG_WAITALL), 6);
    EXPECT_EQ(std::string_view(buffer, 6), "abcdef");
  });
  EXPECT_EQ(write(pair.one, "abc", 3), 3);
  await_state(child, 'S');
  EXPECT_EQ(write(pair.one, "def", 3), 3);
  EXPECT_EQ(reap(child), 0);
}

TEST(SocketStream, DontwaitAnswersEagain) {
  auto pair = make_pair();
  char byte;
  EXPECT_ERRNO(EAGAIN, recv(pair.one, &byte, 1, MSG_DONTWAIT));
}

TEST(SocketStream, ReceiveTimeoutIsEagain) {
  auto pair = make_pair();
  timeval timeout{0, 20000};
  ASSERT_OK(setsockopt(pair.one, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
  char byte;
  EXPECT_ERRNO(EAGAIN, read(pair.one, &byte, 1));
}

TEST(SocketStream, CountsQueuedBytes) {
  auto pair = make_pair();
  int n = -1;
  EXPECT_EQ(write(pair.one, "abc", 3), 3);
  EXPECT_EQ(write(pair.one, "de", 2), 2);
  ASSERT_OK(ioctl(pair.other, FIONREAD, &n));
  EXPECT_EQ(n, 5);
  ASSERT_OK(ioctl(pair.one, SIOCOUTQ, &n));
  EXPECT_GT(n, 0);
  EXPECT_EQ(read_some(pair.other), "abcde");
  ASSERT_OK(ioctl(pair.one, SIOCOUTQ, &n));
  EXPECT_EQ(n, 0);
  EXPECT_ERRNO(ENOTTY, ioctl(pair.one, TCGETS, &n));
}

TEST(SocketStream, ScattersAndGathers) {
  auto pair = make_pair();
  char a[3], b[5];
  const iovec out[] = {{(void*)"hel", 3}, {(void*)"", 0}, {(void*)"lo w", 4}};
  EXPECT_EQ(writev(pair.one, out, 3), 7);
  const iovec in[] = {{a, 3}, {b, 5}};
  EXPECT_EQ(readv(pair.other, in, 2), 7);
  EXPECT_EQ(std::string_view(a, 3), "hel");
  EXPECT_EQ(std::string_view(b, 4), "lo w");
}

TEST(SocketStream, EmptyWritesAndReads) {
  auto pair = make_pair(SOCK_STREAM | SOCK_NONBLOCK);
  char byte;
  EXPECT_EQ(write(pair.one, "", 0), 0);
  EXPECT_ERRNO(EAGAIN, recv(pair.other, &byte, 1, 0));
  EXPECT_EQ(read(pair.other, &byte, 0), 0);
  EXPECT_ERRNO(EAGAIN, recv(pair.other, &byte, 0, 0));
}

TEST(SocketStream, NamesOfAPairAreEmpty) {
  auto pair = make_pair();
  sockaddr_un name;
  socklen_t length = sizeof name;
  ASSERT_OK(getsockname(pair.one, (sockaddr*)&name, &length));
  EXPECT_EQ(length, sizeof(sa_family_t));
  EXPECT_EQ(name.sun_family, AF_UNIX);
  length = sizeof name;
  ASSERT_OK(getpeername(pair.one, (sockaddr*)&name, &length));
  EXPECT_EQ(length, sizeof(sa_family_t));
  length = sizeof name;
  char byte;
  EXPECT_EQ(write(pair.one, "x", 1), 1);
  EXPECT_EQ(recvfrom(pair.other, &byte, 1, 0, (sockaddr*)&name, &length), 1);
  EXPECT_EQ(length, 0u);
}

TEST(SocketStream, BadMemoryIsEfault) {
  auto pair = make_pair();
  EXPECT_ERRNO(EFAULT, write(pair.one, (void*)8, 4));
  EXPECT_EQ(write(pair.one, "keep", 4), 4);
  EXPECT_ERRNO(EFAULT, read(pair.other, (void*)8, 4));
  EXPECT_EQ(read_some(pair.other), "keep");
}

TEST(SocketStream, OutOfBandIsRefusedToReceivers) {
  auto pair = make_pair();
  char byte;
  EXPECT_ERRNO(EINVAL, recv(pair.one, &byte, 1, MSG_OOB));
}
