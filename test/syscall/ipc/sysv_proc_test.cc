/// /proc/sysvipc and the limits of System V IPC in /proc/sys/kernel. Source: proc(5).
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/setting.h"

using namespace systest;

namespace {

/// The line of object `id` in /proc/sysvipc/`kind`, whose second column is the identifier.
std::string line_of(const char* kind, int id) {
  const std::string text = slurp((std::string{"/proc/sysvipc/"} + kind).c_str());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    int key, found;
    if (sscanf(text.c_str() + at, "%d %d", &key, &found) == 2 && found == id) return text.substr(at, end - at);
    at = end + 1;
  }
  return "";
}

std::string header_of(const char* kind) {
  const std::string text = slurp((std::string{"/proc/sysvipc/"} + kind).c_str());
  return text.substr(0, text.find('\n'));
}

int send(int queue, std::size_t bytes) {
  struct {
    long type = 1;
    char text[16384] = {};
  } message;
  return msgsnd(queue, &message, bytes, IPC_NOWAIT);
}

}  // namespace

TEST(SysvProc, ShowsMessageQueues) {
  EXPECT_EQ(header_of("msg"),
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      "
            "rtime      ctime");
  const key_t key = 0x5e4b0000 + getpid();
  const int id = msgget(key, IPC_CREAT | 0640);
  ASSERT_GE(id, 0);
  EXPECT_OK(send(id, 100));
  msqid_ds s{};
  EXPECT_OK(msgctl(id, IPC_STAT, &s));
  s.msg_perm.uid = 17;
  EXPECT_OK(msgctl(id, IPC_SET, &s));
  EXPECT_OK(msgctl(id, IPC_STAT, &s));
  char expected[256];
  snprintf(expected, sizeof expected, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10lu %10lu %10lu", key, id,
           0640, 100ul, 1ul, getpid(), 0, 17, 0, 0, 0, s.msg_stime, s.msg_rtime, s.msg_ctime);
  EXPECT_EQ(line_of("msg", id), expected);
  EXPECT_OK(msgctl(id, IPC_RMID, nullptr));
  EXPECT_EQ(line_of("msg", id), "");
}

TEST(SysvProc, ShowsSemaphoreSets) {
  EXPECT_EQ(header_of("sem"), "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime");
  const key_t key = -5;
  const int id = semget(key, 7, IPC_CREAT | IPC_EXCL | 0604);
  ASSERT_GE(id, 0);
  sembuf up{0, 1, 0};
  EXPECT_OK(semop(id, &up, 1));
  semid_ds s{};
  EXPECT_OK(semctl(id, 0, IPC_STAT, &s));
  char expected[256];
  snprintf(expected, sizeof expected, "%10d %10d  %4o %10u %5u %5u %5u %5u %10lu %10lu", key, id, 0604, 7, 0, 0, 0, 0,
           s.sem_otime, s.sem_ctime);
  EXPECT_EQ(line_of("sem", id), expected);
  EXPECT_OK(semctl(id, 0, IPC_RMID));
  EXPECT_EQ(line_of("sem", id), "");
}

TEST(SysvProc, ShowsSharedMemory) {
  const int id = shmget(IPC_PRIVATE, 10'000, 0600);
  ASSERT_GE(id, 0);
  shmid_ds s{};
  EXPECT_OK(shmctl(id, IPC_STAT, &s));
  char expected[256];
  snprintf(expected, sizeof expected,
           "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10lu %10lu %10lu %21lu %21lu", 0, id, 0600, 10'000ul,
           getpid(), 0, 0ul, 0, 0, 0, 0, 0ul, 0ul, s.shm_ctime, 0ul, 0ul);
  EXPECT_EQ(line_of("shm", id), expected);
  EXPECT_OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(SysvLimits, HaveLinuxsDefaults) {
  EXPECT_EQ(Setting{"kernel/msgmax"}.read(), "8192\n");
  EXPECT_EQ(Setting{"kernel/msgmnb"}.read(), "16384\n");
  EXPECT_EQ(Setting{"kernel/msgmni"}.read(), "32000\n");
  EXPECT_EQ(Setting{"kernel/sem"}.read(), "32000\t1024000000\t500\t32000\n");
  EXPECT_EQ(Setting{"kernel/shmmni"}.read(), "4096\n");
}

TEST(SysvLimits, MsgmaxBoundsAMessage) {
  const Setting most{"kernel/msgmax"};
  const int id = msgget(IPC_PRIVATE, 0600);
  EXPECT_OK(most.set("100"));
  EXPECT_ERRNO(EINVAL, send(id, 101));
  EXPECT_OK(send(id, 100));
  EXPECT_OK(most.set(" 10000\n"));
  EXPECT_OK(send(id, 10'000));
  EXPECT_ERRNO(EINVAL, most.set("-1"));
  EXPECT_ERRNO(EINVAL, most.set("2147483648"));
  EXPECT_OK(msgctl(id, IPC_RMID, nullptr));
}

TEST(SysvLimits, MsgmnbIsForNewQueues) {
  const Setting most{"kernel/msgmnb"};
  const int before = msgget(IPC_PRIVATE, 0600);
  EXPECT_OK(most.set("10"));
  const int after = msgget(IPC_PRIVATE, 0600);
  EXPECT_OK(send(before, 11));
  EXPECT_ERRNO(EAGAIN, send(after, 11));
  EXPECT_OK(send(after, 10));
  EXPECT_OK(msgctl(before, IPC_RMID, nullptr));
  EXPECT_OK(msgctl(after, IPC_RMID, nullptr));
}

TEST(SysvLimits, MsgmniBoundsTheNumberOfQueues) {
  const Setting most{"kernel/msgmni"};
  EXPECT_OK(most.set("0"));
  EXPECT_ERRNO(ENOSPC, msgget(IPC_PRIVATE, 0600));
  EXPECT_ERRNO(EINVAL, most.set("32769"));
  EXPECT_OK(most.set("32768"));
}

TEST(SysvLimits, AMessageMayBeLong) {
  const Setting most{"kernel/msgmax"}, queue{"kernel/msgmnb"};
  constexpr std::size_t kBytes = 5'000'001;
  EXPECT_OK(most.set(std::to_string(kBytes)));
  EXPECT_OK(queue.set(std::to_string(kBytes)));
  const int id = msgget(IPC_PRIVATE, 0600);
  std::string message(sizeof(long) + kBytes, 'x');
  for (std::size_t i = 0; i < message.size(); i++) message[i] = (char)(i * 7 % 251);
  const std::string sent = message;
  *(long*)message.data() = 1;
  EXPECT_OK(msgsnd(id, message.data(), kBytes, IPC_NOWAIT));
  std::ranges::fill(message, '\0');
  EXPECT_EQ(msgrcv(id, message.data(), kBytes, 0, IPC_NOWAIT), (ssize_t)kBytes);
  EXPECT_TRUE(message.substr(sizeof(long)) == sent.substr(sizeof(long)));
  EXPECT_OK(msgctl(id, IPC_RMID, nullptr));
}

TEST(SysvLimits, SemHoldsFourNumbers) {
  const Setting limits{"kernel/sem"};
  EXPECT_OK(limits.set("10 20 3"));
  EXPECT_EQ(limits.read(), "10\t20\t3\t32000\n");
  EXPECT_ERRNO(EINVAL, semget(IPC_PRIVATE, 11, 0600));
  const int first = semget(IPC_PRIVATE, 10, 0600), second = semget(IPC_PRIVATE, 10, 0600);
  EXPECT_ERRNO(ENOSPC, semget(IPC_PRIVATE, 1, 0600)) << "SEMMNS";
  sembuf up[4] = {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}};
  EXPECT_OK(semop(first, up, 3));
  EXPECT_ERRNO(E2BIG, semop(first, up, 4));
  EXPECT_OK(semctl(first, 0, IPC_RMID));
  EXPECT_OK(semctl(second, 0, IPC_RMID));
  EXPECT_OK(limits.set("10\t20\t3\t0"));
  EXPECT_ERRNO(ENOSPC, semget(IPC_PRIVATE, 1, 0600)) << "SEMMNI";
  EXPECT_ERRNO(ERANGE, limits.set("10 20 3 32769"));
  EXPECT_EQ(limits.read(), "10\t20\t3\t0\n");
}

TEST(SysvLimits, ShmmaxAndShmmniBoundSegments) {
  const Setting bytes{"kernel/shmmax"}, segments{"kernel/shmmni"};
  EXPECT_OK(bytes.set("5000"));
  EXPECT_ERRNO(EINVAL, shmget(IPC_PRIVATE, 5001, 0600));
  EXPECT_OK(segments.set("0"));
  EXPECT_ERRNO(ENOSPC, shmget(IPC_PRIVATE, 5000, 0600));
  EXPECT_ERRNO(EINVAL, segments.set("32769"));
}
