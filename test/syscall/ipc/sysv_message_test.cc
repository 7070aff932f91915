#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

namespace {

struct Text {
  long type;
  char text[8192];
};

struct SysvMessage : testing::Test {
  void SetUp() override {
    id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    ASSERT_GE(id, 0);
  }
  void TearDown() override { msgctl(id, IPC_RMID, nullptr); }
  int send(long type, const std::string& text, int flags = IPC_NOWAIT) {
    Text m{};
    m.type = type;
    memcpy(m.text, text.data(), text.size());
    return msgsnd(id, &m, text.size(), flags);
  }
  std::string take(long type, int flags = IPC_NOWAIT, size_t room = 8192) {
    Text m{};
    const ssize_t n = msgrcv(id, &m, room, type, flags);
    if (n < 0) return std::string{"!"} + strerrorname_np(errno);
    got = m.type;
    return {m.text, (size_t)n};
  }
  msqid_ds status() {
    msqid_ds s{};
    EXPECT_OK(msgctl(id, IPC_STAT, &s));
    return s;
  }
  int id = -1;
  long got = 0;
};

void ignore_signal(int) {}

}  // namespace

TEST_F(SysvMessage, QueueIsFoundByItsKey) {
  const key_t key = 0x5e4a0000 + getpid();
  EXPECT_ERRNO(ENOENT, msgget(key, 0600));
  const int other = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
  ASSERT_GE(other, 0);
  EXPECT_EQ(msgget(key, 0), other);
  EXPECT_ERRNO(EEXIST, msgget(key, IPC_CREAT | IPC_EXCL | 0600));
  EXPECT_OK(msgctl(other, IPC_RMID, nullptr));
}

TEST_F(SysvMessage, ArrivesInOrder) {
  EXPECT_OK(send(3, "one"));
  EXPECT_OK(send(1, ""));
  EXPECT_OK(send(2, "three"));
  EXPECT_EQ(take(0), "one");
  EXPECT_EQ(got, 3);
  EXPECT_EQ(take(0), "");
  EXPECT_EQ(take(0), "three");
  EXPECT_EQ(take(0), "!ENOMSG");
}

TEST_F(SysvMessage, IsSelectedByType) {
  for (long type : {5, 3, 4, 3}) EXPECT_OK(send(type, std::to_string(type)));
  EXPECT_EQ(take(4), "4");
  EXPECT_EQ(take(7), "!ENOMSG");
  EXPECT_EQ(take(-2), "!ENOMSG");
  EXPECT_EQ(take(-9), "3");
  EXPECT_EQ(take(3, IPC_NOWAIT | MSG_EXCEPT), "5");
  EXPECT_EQ(take(3, IPC_NOWAIT | MSG_EXCEPT), "!ENOMSG");
  EXPECT_EQ(take(-3), "3");
}

TEST_F(SysvMessage, TooLongForTheBuffer) {
  EXPECT_OK(send(1, "hello"));
  EXPECT_EQ(take(0, IPC_NOWAIT, 4), "!E2BIG");
  EXPECT_EQ(take(0, IPC_NOWAIT | MSG_NOERROR, 4), "hell");
  EXPECT_EQ(take(0), "!ENOMSG") << "the rest is lost";
}

TEST_F(SysvMessage, CopyLeavesTheMessage) {
  EXPECT_OK(send(1, "a"));
  EXPECT_OK(send(2, "bb"));
  EXPECT_EQ(take(1, IPC_NOWAIT | MSG_COPY), "bb");
  EXPECT_EQ(got, 2);
  EXPECT_EQ(take(0, IPC_NOWAIT | MSG_COPY), "a");
  EXPECT_EQ(take(2, IPC_NOWAIT | MSG_COPY), "!ENOMSG");
  EXPECT_EQ(take(0, MSG_COPY), "!EINVAL");
  EXPECT_EQ(take(0, IPC_NOWAIT | MSG_COPY | MSG_EXCEPT), "!EINVAL");
  EXPECT_EQ(take(1, IPC_NOWAIT | MSG_COPY, 1), "!E2BIG");
  EXPECT_EQ(status().msg_qnum, 2u);
}

TEST_F(SysvMessage, RefusesBadArguments) {
  Text m{};
  EXPECT_ERRNO(EINVAL, send(0, "x"));
  EXPECT_ERRNO(EINVAL, send(-1, "x"));
  m.type = 1;
  EXPECT_ERRNO(EINVAL, msgsnd(id, &m, 8193, IPC_NOWAIT));
  EXPECT_ERRNO(EINVAL, msgsnd(id, &m, (size_t)-1, IPC_NOWAIT));
  EXPECT_ERRNO(EINVAL, msgsnd(-1, &m, 1, IPC_NOWAIT));
  EXPECT_ERRNO(EINVAL, msgsnd(id + 1, &m, 1, IPC_NOWAIT));
  EXPECT_ERRNO(EFAULT, msgsnd(id, (void*)8, 1, IPC_NOWAIT));
  EXPECT_ERRNO(EINVAL, msgrcv(id, &m, (size_t)-1, 0, IPC_NOWAIT));
  EXPECT_ERRNO(EINVAL, msgrcv(-1, &m, 1, 0, IPC_NOWAIT));
  EXPECT_OK(send(1, "x"));
  EXPECT_ERRNO(EFAULT, msgrcv(id, (void*)8, 1, 0, IPC_NOWAIT));
}

TEST_F(SysvMessage, AFullQueueRefusesOrBlocks) {
  EXPECT_OK(send(1, std::string(8192, 'x')));
  EXPECT_OK(send(2, std::string(8192, 'y')));
  EXPECT_ERRNO(EAGAIN, send(3, "z"));
  EXPECT_OK(send(3, "")) << "no bytes";
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_OK(send(4, "z", 0));
  });
  ready.wait();
  await_state(child, 'S');
  EXPECT_EQ(status().msg_qnum, 3u);
  EXPECT_EQ(take(1).size(), 8192u);
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(4), "z");
  EXPECT_EQ(status().msg_lspid, child);
}

TEST_F(SysvMessage, AnEmptyMessageCountsToo) {
  msqid_ds s = status();
  s.msg_qbytes = 2;
  EXPECT_OK(msgctl(id, IPC_SET, &s));
  EXPECT_OK(send(1, ""));
  EXPECT_OK(send(1, ""));
  EXPECT_ERRNO(EAGAIN, send(1, ""));
}

TEST_F(SysvMessage, AReceiverWaitsForItsType) {
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_EQ(take(5, 0), "five");
  });
  ready.wait();
  await_state(child, 'S');
  EXPECT_OK(send(4, "four"));
  EXPECT_OK(send(5, "five"));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(0), "four");
}

TEST_F(SysvMessage, AWaitingReceiverWithTooSmallABufferIsTold) {
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_EQ(take(0, 0, 2), "!E2BIG");
  });
  ready.wait();
  await_state(child, 'S');
  EXPECT_OK(send(1, "long"));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(0), "long");
}

TEST_F(SysvMessage, RemovalEndsWaiting) {
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_EQ(take(0, 0), "!EIDRM");
  });
  ready.wait();
  await_state(child, 'S');
  EXPECT_OK(msgctl(id, IPC_RMID, nullptr));
  EXPECT_EQ(reap(child), 0);
  EXPECT_ERRNO(EINVAL, send(1, "x"));
}

TEST_F(SysvMessage, RemovalEndsASendersWait) {
  EXPECT_OK(send(1, std::string(8192, 'x')));
  EXPECT_OK(send(1, std::string(8192, 'x')));
  const pid_t child = spawn([&] { EXPECT_ERRNO(EIDRM, send(1, "x", 0)); });
  await_state(child, 'S');
  EXPECT_OK(msgctl(id, IPC_RMID, nullptr));
  EXPECT_EQ(reap(child), 0);
}

TEST_F(SysvMessage, AHandlerEndsWaitingAndItNeverRestarts) {
  Gate ready;
  const pid_t child = spawn([&] {
    struct sigaction a{};
    a.sa_handler = ignore_signal;
    a.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &a, nullptr);
    ready.open();
    EXPECT_EQ(take(0, 0), "!EINTR");
  });
  ready.wait();
  await_state(child, 'S');
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
}

TEST_F(SysvMessage, StoppingDoesNotEndWaiting) {
  Gate ready;
  const pid_t child = spawn([&] {
    ready.open();
    EXPECT_EQ(take(0, 0), "later");
  });
  ready.wait();
  await_state(child, 'S');
  kill(child, SIGSTOP);
  await_state(child, 'T');
  kill(child, SIGCONT);
  await_state(child, 'S');
  EXPECT_OK(send(1, "later"));
  EXPECT_EQ(reap(child), 0);
}

TEST_F(SysvMessage, StatusCounts) {
  EXPECT_OK(send(1, "abc"));
  EXPECT_OK(send(1, "de"));
  msqid_ds s = status();
  EXPECT_EQ(s.msg_qnum, 2u);
  EXPECT_EQ(s.__msg_cbytes, 5u);
  EXPECT_EQ(s.msg_qbytes, 16384u);
  EXPECT_EQ(s.msg_lspid, getpid());
  EXPECT_EQ(s.msg_lrpid, 0);
  EXPECT_EQ(s.msg_perm.mode, 0600u);
  EXPECT_NE(s.msg_stime, 0);
  EXPECT_EQ(s.msg_rtime, 0);
  EXPECT_EQ(take(0), "abc");
  s = status();
  EXPECT_EQ(s.__msg_cbytes, 2u);
  EXPECT_EQ(s.msg_lrpid, getpid());
  EXPECT_NE(s.msg_rtime, 0);
  EXPECT_EQ(msgctl(id & 0x7fff, MSG_STAT, &s), id);
  EXPECT_EQ(msgctl(id & 0x7fff, MSG_STAT_ANY, &s), id);
}

TEST_F(SysvMessage, RaisingTheSizeServesSenders) {
  EXPECT_OK(send(1, std::string(8192, 'x')));
  EXPECT_OK(send(1, std::string(8192, 'x')));
  const pid_t child = spawn([&] { EXPECT_OK(send(2, "more", 0)); });
  await_state(child, 'S');
  msqid_ds s = status();
  s.msg_qbytes = 20000;
  EXPECT_OK(msgctl(id, IPC_SET, &s));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(take(2), "more");
}

TEST_F(SysvMessage, PermissionsAreChecked) {
  msqid_ds s = status();
  s.msg_perm.mode = 0604;
  EXPECT_OK(msgctl(id, IPC_SET, &s));
  EXPECT_OK(send(1, "x"));
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EACCES, send(1, "y"));
              EXPECT_EQ(take(0), "x");
              EXPECT_ERRNO(EPERM, msgctl(id, IPC_RMID, nullptr));
              EXPECT_ERRNO(EPERM, msgctl(id, IPC_SET, &s));
            }),
            0);
}

TEST_F(SysvMessage, OnlyTheCapableExceedMsgmnb) {
  msqid_ds s = status();
  s.msg_perm.uid = kUser;
  EXPECT_OK(msgctl(id, IPC_SET, &s));
  EXPECT_EQ(as_user([&] {
              s.msg_qbytes = 16385;
              EXPECT_ERRNO(EPERM, msgctl(id, IPC_SET, &s));
              s.msg_qbytes = 100;
              EXPECT_OK(msgctl(id, IPC_SET, &s));
            }),
            0);
}

TEST_F(SysvMessage, InfoTellsTheLimits) {
  EXPECT_OK(send(1, "abc"));
  msginfo info{};
  EXPECT_GE(msgctl(0, IPC_INFO, (msqid_ds*)&info), 0);
  EXPECT_EQ(info.msgmax, 8192);
  EXPECT_EQ(info.msgmnb, 16384);
  EXPECT_EQ(info.msgmni, 32000);
  EXPECT_GE(msgctl(0, MSG_INFO, (msqid_ds*)&info), 0);
  EXPECT_GE(info.msgpool, 1);
  EXPECT_GE(info.msgmap, 1);
  EXPECT_GE(info.msgtql, 3);
}

TEST_F(SysvMessage, UnknownCommandsAreRefused) {
  EXPECT_ERRNO(EINVAL, syscall(SYS_msgctl, id, 99, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_msgctl, -1, IPC_RMID, 0));
}
