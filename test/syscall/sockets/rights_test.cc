/// SCM_RIGHTS and SCM_CREDENTIALS: unix(7), cmsg(3).
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sockets/sockets.h"

using namespace systest;

static bool same_file(int a, int b) {
  struct stat one, other;
  return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

TEST(SocketRights, PassesOpenFiles) {
  auto pair = make_pair();
  auto pipe = make_pipe();
  put("file", "content");
  Fd file{open("file", O_RDONLY)};
  EXPECT_EQ(send_files(pair.one, "take", {pipe.write, file}), 4);
  auto got = receive(pair.other);
  EXPECT_EQ(got.text, "take");
  ASSERT_EQ(got.files.size(), 2u);
  EXPECT_TRUE(same_file(got.files[1], file));
  EXPECT_EQ(fcntl(got.files[0], F_GETFD), 0);
  EXPECT_EQ(write(got.files[0], "x", 1), 1);
  EXPECT_EQ(read_some(pipe.read), "x");
  EXPECT_EQ(lseek(file, 3, SEEK_SET), 3);
  EXPECT_EQ(read_some(got.files[1]), "tent") << "one open file description";
}

TEST(SocketRights, CmsgCloexecMarksThem) {
  auto pair = make_pair();
  EXPECT_EQ(send_files(pair.one, "t", {pair.one}), 1);
  auto got = receive(pair.other, MSG_CMSG_CLOEXEC);
  ASSERT_EQ(got.files.size(), 1u);
  EXPECT_EQ(fcntl(got.files[0], F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(got.flags, MSG_CMSG_CLOEXEC);
}

TEST(SocketRights, SurviveTheSendersClose) {
  auto pair = make_pair();
  auto pipe = make_pipe();
  EXPECT_EQ(send_files(pair.one, "t", {pipe.write}), 1);
  pipe.write.reset();
  pair.one.reset();
  auto got = receive(pair.other);
  ASSERT_EQ(got.files.size(), 1u);
  EXPECT_EQ(write(got.files[0], "x", 1), 1);
  got.files.clear();
  EXPECT_EQ(read_some(pipe.read), "x");
  EXPECT_EQ(read_some(pipe.read), "");
}

TEST(SocketRights, PlainReadsDropThem) {
  auto pair = make_pair();
  auto pipe = make_pipe();
  EXPECT_EQ(send_files(pair.one, "t", {pipe.write}), 1);
  pipe.write.reset();
  EXPECT_EQ(read_some(pair.other), "t");
  EXPECT_EQ(read_some(pipe.read), "") << "the last writer is gone";
}

TEST(SocketRights, DieUnreadWithTheReceiver) {
  auto pair = make_pair();
  auto pipe = make_pipe();
  EXPECT_EQ(send_files(pair.one, "t", {pipe.write}), 1);
  pipe.write.reset();
  pair.other.reset();
  EXPECT_EQ(read_some(pipe.read), "");
}

TEST(SocketRights, EndAStreamRead) {
  auto pair = make_pair();
  EXPECT_EQ(write(pair.one, "before", 6), 6);
  EXPECT_EQ(send_files(pair.one, "with", {0}), 4);
  EXPECT_EQ(write(pair.one, "after", 5), 5);
  auto first = receive(pair.other);
  EXPECT_EQ(first.text, "beforewith");
  EXPECT_EQ(first.files.size(), 1u);
  auto second = receive(pair.other);
  EXPECT_EQ(second.text, "after");
  EXPECT_TRUE(second.files.empty());
}

TEST(SocketRights, ComeWithTheFirstByteOnly) {
  auto pair = make_pair();
  EXPECT_EQ(send_files(pair.one, "abcd", {0}), 4);
  auto first = receive(pair.other, 0, 2);
  EXPECT_EQ(first.text, "ab");
  EXPECT_EQ(first.files.size(), 1u);
  auto second = receive(pair.other);
  EXPECT_EQ(second.text, "cd");
  EXPECT_TRUE(second.files.empty());
}

TEST(SocketRights, PeekGivesCopies) {
  auto pair = make_pair();
  EXPECT_EQ(send_files(pair.one, "t", {pair.one}), 1);
  auto peeked = receive(pair.other, MSG_PEEK);
  ASSERT_EQ(peeked.files.size(), 1u);
  auto taken = receive(pair.other);
  ASSERT_EQ(taken.files.size(), 1u);
  EXPECT_TRUE(same_file(peeked.files[0], taken.files[0]));
}

TEST(SocketRights, TruncatedWhenTheControlBufferIsSmall) {
  auto pair = make_pair();
  EXPECT_EQ(send_files(pair.one, "t", {0, 1, 2}), 1);
  auto got = receive(pair.other, 0, 16, CMSG_LEN(2 * sizeof(int)));
  EXPECT_EQ(got.files.size(), 2u);
  EXPECT_EQ(got.flags, MSG_CTRUNC);
  EXPECT_EQ(send_files(pair.one, "t", {0}), 1);
  auto none = receive(pair.other, 0, 16, 0);
  EXPECT_TRUE(none.files.empty());
  EXPECT_EQ(none.flags, MSG_CTRUNC);
}

TEST(SocketRights, TruncatedWhenDescriptorsRunOut) {
  auto pair = make_pair();
  EXPECT_EQ(send_files(pair.one, "t", {0, 1, 2}), 1);
  const int lowest = dup(0);
  close(lowest);
  rlimit limit{(rlim_t)lowest + 1, 1024};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
  auto got = receive(pair.other);
  EXPECT_EQ(got.result, 1);
  EXPECT_EQ(got.files.size(), 1u);
  EXPECT_EQ(got.flags, MSG_CTRUNC);
}

TEST(SocketRights, RefusesBadControlMessages) {
  auto pair = make_pair();
  EXPECT_ERRNO(EBADF, send_files(pair.one, "t", {1000}));
  EXPECT_ERRNO(EINVAL, send_files(pair.one, "t", std::vector<int>(254, 0)));
  EXPECT_EQ(send_files(pair.one, "t", std::vector<int>(253, 0)), 1);
  auto got = receive(pair.other);
  EXPECT_EQ(got.files.size(), 253u);
  iovec piece{(void*)"t", 1};
  char control[64] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = sizeof control + 1;
  EXPECT_ERRNO(EINVAL, sendmsg(pair.one, &message, 0));
  header->cmsg_len = 4;
  EXPECT_ERRNO(EINVAL, sendmsg(pair.one, &message, 0));
  header->cmsg_len = CMSG_LEN(4);
  header->cmsg_type = 77;
  EXPECT_ERRNO(EINVAL, sendmsg(pair.one, &message, 0));
  message.msg_iovlen = 1025;
  EXPECT_ERRNO(EMSGSIZE, sendmsg(pair.one, &message, 0));
}

TEST(SocketRights, TooManyInFlightForAUser) {
  EXPECT_EQ(as_user([] {
              auto pair = make_pair();
              rlimit limit{16, 16};
              ASSERT_OK(setrlimit(RLIMIT_NOFILE, &limit));
              EXPECT_EQ(send_files(pair.one, "t", std::vector<int>(10, 0), MSG_DONTWAIT), 1);
              EXPECT_EQ(send_files(pair.one, "t", std::vector<int>(10, 0), MSG_DONTWAIT), 1);
              EXPECT_ERRNO(ETOOMANYREFS, send_files(pair.one, "t", {0}, MSG_DONTWAIT));
              EXPECT_EQ(receive(pair.other).result, 1);
              EXPECT_EQ(send_files(pair.one, "t", {0}, MSG_DONTWAIT), 1);
            }),
            0);
}

TEST(SocketRights, CyclesOfSocketsAreCollected) {
  auto witness = make_pipe();
  {
    auto pair = make_pair();
    EXPECT_EQ(send_files(pair.one, "t", {pair.other, witness.write}), 1) << "into its own queue";
    EXPECT_EQ(send_files(pair.other, "t", {pair.one}), 1);
  }
  witness.write.reset();
  auto trigger = make_pair();
  trigger.one.reset();
  pollfd ready{witness.read, POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 10000), 1);
  EXPECT_EQ(ready.revents, POLLHUP);
}

TEST(SocketRights, CyclesThroughAnUnacceptedConnectionAreCollected) {
  auto witness = make_pipe();
  {
    Fd listener = make_listener("@cycle");
    Fd client = connect_to("@cycle");
    EXPECT_EQ(send_files(client, "t", {listener, witness.write}), 1);
  }
  witness.write.reset();
  make_pair().one.reset();
  pollfd ready{witness.read, POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 10000), 1);
  EXPECT_EQ(ready.revents, POLLHUP);
}

TEST(SocketRights, ReachableCyclesAreSpared) {
  auto witness = make_pipe();
  auto way = make_pair();
  {
    auto pair = make_pair();
    EXPECT_EQ(send_files(pair.one, "in", {pair.other, witness.write}), 2);
    EXPECT_EQ(send_files(way.one, "t", {pair.other}), 1);
  }
  witness.write.reset();
  make_pair().one.reset();
  auto got = receive(way.other);
  ASSERT_EQ(got.files.size(), 1u);
  auto inner = receive(got.files[0]);
  EXPECT_EQ(inner.text, "in");
  ASSERT_EQ(inner.files.size(), 2u);
  EXPECT_EQ(write(inner.files[1], "x", 1), 1);
}

TEST(SocketRights, DeepNestingUnwinds) {
  auto witness = make_pipe();
  Fd outer;
  {
    auto first = make_pair();
    EXPECT_EQ(send_files(first.one, "t", {witness.write}), 1);
    outer = std::move(first.other);
  }
  witness.write.reset();
  for (int depth = 0; depth < 500; ++depth) {
    auto next = make_pair();
    ASSERT_EQ(send_files(next.one, "t", {outer}), 1);
    outer = std::move(next.other);
  }
  outer.reset();
  pollfd ready{witness.read, POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 10000), 1);
}

TEST(SocketCredentials, PeerCredentialsOfAPair) {
  auto pair = make_pair();
  ucred who;
  socklen_t length = sizeof who;
  ASSERT_OK(getsockopt(pair.one, SOL_SOCKET, SO_PEERCRED, &who, &length));
  EXPECT_EQ(length, sizeof who);
  EXPECT_EQ(who.pid, getpid());
  EXPECT_EQ(who.uid, geteuid());
  EXPECT_EQ(who.gid, getegid());
}

TEST(SocketCredentials, PeerCredentialsOfAConnection) {
  umask(0);
  chmod(".", 0777);
  Fd listener = make_listener("server");
  const pid_t child = spawn([&] {
    become(kUser, kUser);
    Fd client = connect_to("server");
    ucred who;
    socklen_t length = sizeof who;
    ASSERT_OK(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length));
    EXPECT_EQ(who.pid, getppid());
    EXPECT_EQ(who.uid, 0u);
    read_some(client);
  });
  Fd server{accept(listener, nullptr, nullptr)};
  ucred who;
  socklen_t length = sizeof who;
  ASSERT_OK(getsockopt(server, SOL_SOCKET, SO_PEERCRED, &who, &length));
  EXPECT_EQ(who.pid, child);
  EXPECT_EQ(who.uid, kUser);
  EXPECT_EQ(who.gid, kUser);
  Fd fresh{socket(AF_UNIX, SOCK_STREAM, 0)};
  ASSERT_OK(getsockopt(fresh, SOL_SOCKET, SO_PEERCRED, &who, &length));
  EXPECT_EQ(who.pid, 0);
  EXPECT_EQ(who.uid, ~0u);
  server.reset();
  EXPECT_EQ(reap(child), 0);
}

static void pass_credentials(int fd) {
  const int on = 1;
  EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
}

TEST(SocketCredentials, PasscredTellsTheSender) {
  auto pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(write(pair.one, "early", 5), 5);
  pass_credentials(pair.other);
  EXPECT_EQ(write(pair.one, "later", 5), 5);
  auto early = receive(pair.other);
  ASSERT_TRUE(early.has_identity);
  EXPECT_EQ(early.identity.pid, 0);
  EXPECT_EQ(early.identity.uid, 65534u);
  auto later = receive(pair.other);
  ASSERT_TRUE(later.has_identity);
  EXPECT_EQ(later.identity.pid, getpid());
  EXPECT_EQ(later.identity.uid, 0u);
}

TEST(SocketCredentials, StreamsDoNotMixSenders) {
  auto pair = make_pair();
  pass_credentials(pair.other);
  EXPECT_EQ(write(pair.one, "a", 1), 1);
  EXPECT_EQ(write(pair.one, "b", 1), 1);
  EXPECT_EQ(in_child([&] { EXPECT_EQ(write(pair.one, "c", 1), 1); }), 0);
  auto mine = receive(pair.other);
  EXPECT_EQ(mine.text, "ab");
  EXPECT_EQ(mine.identity.pid, getpid());
  auto theirs = receive(pair.other);
  EXPECT_EQ(theirs.text, "c");
  EXPECT_NE(theirs.identity.pid, getpid());
}

static ssize_t send_as(int socket, ucred who) {
  iovec piece{(void*)"t", 1};
  char control[CMSG_SPACE(sizeof who)] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof who);
  memcpy(CMSG_DATA(header), &who, sizeof who);
  return sendmsg(socket, &message, 0);
}

TEST(SocketCredentials, RootMayClaimAnyIdentity) {
  auto pair = make_pair();
  pass_credentials(pair.other);
  EXPECT_EQ(send_as(pair.one, {getppid(), 33, 44}), 1);
  auto got = receive(pair.other);
  EXPECT_EQ(got.identity.pid, getppid());
  EXPECT_EQ(got.identity.uid, 33u);
  EXPECT_EQ(got.identity.gid, 44u);
  EXPECT_ERRNO(ESRCH, send_as(pair.one, {4000000, 0, 0}));
}

TEST(SocketCredentials, OthersMayNot) {
  EXPECT_EQ(as_user([] {
              auto pair = make_pair();
              EXPECT_EQ(send_as(pair.one, {getpid(), kUser, kUser}), 1);
              EXPECT_ERRNO(EPERM, send_as(pair.one, {getpid(), 0, kUser}));
              EXPECT_ERRNO(EPERM, send_as(pair.one, {getpid(), kUser, 0}));
              EXPECT_ERRNO(EPERM, send_as(pair.one, {1, kUser, kUser}));
            }),
            0);
}
