#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "support/check.h"
#include "support/child.h"

using namespace systest;

namespace {

struct SysvSemaphore : testing::Test {
  void TearDown() override {
    if (id >= 0) semctl(id, 0, IPC_RMID);
  }
  void create(int count, int mode = 0600) {
    id = semget(IPC_PRIVATE, count, IPC_CREAT | mode);
    ASSERT_GE(id, 0);
  }
  int value(int index = 0) { return semctl(id, index, GETVAL); }
  int op(int index, int change, int flags = 0) {
    sembuf o{(unsigned short)index, (short)change, (short)flags};
    return semop(id, &o, 1);
  }
  /// Until `n` threads wait for an increase.
  void await_waiting(int n, int index = 0, int what = GETNCNT) {
    while (semctl(id, index, what) != n) sched_yield();
  }
  int id = -1;
};

void ignore_signal(int) {}

}  // namespace

TEST_F(SysvSemaphore, IsFoundByItsKey) {
  const key_t key = 0x5e3a0000 + getpid();
  EXPECT_ERRNO(ENOENT, semget(key, 1, 0600));
  id = semget(key, 3, IPC_CREAT | IPC_EXCL | 0600);
  ASSERT_GE(id, 0);
  EXPECT_EQ(semget(key, 3, 0600), id);
  EXPECT_EQ(semget(key, 0, 0600), id);
  EXPECT_ERRNO(EINVAL, semget(key, 4, 0600));
  EXPECT_ERRNO(EEXIST, semget(key, 3, IPC_CREAT | IPC_EXCL | 0600));
}

TEST_F(SysvSemaphore, CountMustBeSensible) {
  EXPECT_ERRNO(EINVAL, semget(IPC_PRIVATE, 0, 0600));
  EXPECT_ERRNO(EINVAL, semget(IPC_PRIVATE, -1, 0600));
  EXPECT_ERRNO(EINVAL, semget(IPC_PRIVATE, 32001, 0600));
}

TEST_F(SysvSemaphore, StartsAtZeroAndCounts) {
  create(2);
  EXPECT_EQ(value(0), 0);
  EXPECT_OK(op(1, 3));
  EXPECT_EQ(value(1), 3);
  EXPECT_OK(op(1, -2));
  EXPECT_EQ(value(1), 1);
  EXPECT_EQ(semctl(id, 1, GETPID), getpid());
  EXPECT_EQ(semctl(id, 0, GETPID), 0);
}

TEST_F(SysvSemaphore, WithoutWaitingSaysAgain) {
  create(1);
  EXPECT_ERRNO(EAGAIN, op(0, -1, IPC_NOWAIT));
  EXPECT_OK(op(0, 0, IPC_NOWAIT));
  EXPECT_OK(op(0, 1));
  EXPECT_ERRNO(EAGAIN, op(0, 0, IPC_NOWAIT));
}

TEST_F(SysvSemaphore, OperationsHappenAllOrNone) {
  create(2);
  sembuf ops[] = {{0, 5, 0}, {1, -1, IPC_NOWAIT}};
  EXPECT_ERRNO(EAGAIN, semop(id, ops, 2));
  EXPECT_EQ(value(0), 0);
  ops[1].sem_op = 1;
  EXPECT_OK(semop(id, ops, 2));
  EXPECT_EQ(value(0), 5);
  EXPECT_EQ(value(1), 1);
}

TEST_F(SysvSemaphore, OperationsOnOneSemaphoreSeeEachOther) {
  create(1);
  sembuf ops[] = {{0, 0, 0}, {0, 2, 0}, {0, -1, 0}};
  EXPECT_OK(semop(id, ops, 3));
  EXPECT_EQ(value(), 1);
}

TEST_F(SysvSemaphore, RefusesBadArguments) {
  create(1);
  sembuf o{1, 1, 0};
  EXPECT_ERRNO(EFBIG, semop(id, &o, 1));
  EXPECT_ERRNO(EINVAL, semop(id, &o, 0));
  EXPECT_ERRNO(EINVAL, semop(-1, &o, 1));
  EXPECT_ERRNO(EINVAL, semop(id + 1, &o, 1));
  EXPECT_ERRNO(EFAULT, semop(id, (sembuf*)8, 1));
  std::vector<sembuf> many(501, sembuf{0, 0, 0});
  EXPECT_ERRNO(E2BIG, semop(id, many.data(), 501));
  EXPECT_OK(semop(id, many.data(), 500));
}

TEST_F(SysvSemaphore, ValuesHaveARange) {
  create(1);
  EXPECT_OK(op(0, 32767));
  EXPECT_ERRNO(ERANGE, op(0, 1));
  EXPECT_EQ(value(), 32767);
  EXPECT_ERRNO(ERANGE, semctl(id, 0, SETVAL, 32768));
  EXPECT_ERRNO(ERANGE, semctl(id, 0, SETVAL, -1));
  EXPECT_ERRNO(EINVAL, semctl(id, 1, SETVAL, 1));
  EXPECT_ERRNO(EINVAL, semctl(id, 1, GETVAL));
}

TEST_F(SysvSemaphore, SetsAndGetsAllValues) {
  create(3);
  unsigned short in[] = {1, 2, 3}, out[3] = {};
  EXPECT_OK(semctl(id, 0, SETALL, in));
  EXPECT_OK(semctl(id, 0, GETALL, out));
  EXPECT_EQ(out[2], 3);
  EXPECT_EQ(semctl(id, 2, GETPID), getpid());
  in[1] = 40000;
  EXPECT_ERRNO(ERANGE, semctl(id, 0, SETALL, in));
  EXPECT_ERRNO(EFAULT, semctl(id, 0, SETALL, (void*)8));
  EXPECT_ERRNO(EFAULT, semctl(id, 0, GETALL, (void*)8));
}

TEST_F(SysvSemaphore, AWaiterIsServedByAnIncrease) {
  create(1);
  const pid_t child = spawn([&] { EXPECT_OK(op(0, -2)); });
  await_waiting(1);
  EXPECT_OK(op(0, 1));
  EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
  EXPECT_OK(op(0, 1));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(value(), 0);
  EXPECT_EQ(semctl(id, 0, GETPID), child);
}

TEST_F(SysvSemaphore, AWaiterForZeroIsServedByADecrease) {
  create(1);
  EXPECT_OK(op(0, 1));
  const pid_t child = spawn([&] { EXPECT_OK(op(0, 0)); });
  await_waiting(1, 0, GETZCNT);
  EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
  EXPECT_OK(op(0, -1));
  EXPECT_EQ(reap(child), 0);
}

TEST_F(SysvSemaphore, AWaiterForTwoSemaphoresTakesNeitherBeforeBoth) {
  create(2);
  const pid_t child = spawn([&] {
    sembuf ops[] = {{0, -1, 0}, {1, -1, 0}};
    EXPECT_OK(semop(id, ops, 2));
  });
  await_waiting(1, 0);
  EXPECT_OK(op(0, 1));
  await_waiting(1, 1);
  EXPECT_EQ(value(0), 1);
  EXPECT_OK(op(1, 1));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(value(0), 0);
}

TEST_F(SysvSemaphore, OneWaiterSetsTheNextFree) {
  create(2);
  const pid_t second = spawn([&] { EXPECT_OK(op(1, -1)); });
  await_waiting(1, 1);
  const pid_t first = spawn([&] {
    sembuf ops[] = {{0, -1, 0}, {1, 1, 0}};
    EXPECT_OK(semop(id, ops, 2));
  });
  await_waiting(1, 0);
  EXPECT_OK(op(0, 1));
  EXPECT_EQ(reap(first), 0);
  EXPECT_EQ(reap(second), 0);
}

TEST_F(SysvSemaphore, SetvalServesWaiters) {
  create(1);
  const pid_t child = spawn([&] { EXPECT_OK(op(0, -1)); });
  await_waiting(1);
  EXPECT_OK(semctl(id, 0, SETVAL, 5));
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(value(), 4);
}

TEST_F(SysvSemaphore, RemovalEndsWaiting) {
  create(1);
  const pid_t child = spawn([&] { EXPECT_ERRNO(EIDRM, op(0, -1)); });
  await_waiting(1);
  EXPECT_OK(semctl(id, 0, IPC_RMID));
  EXPECT_EQ(reap(child), 0);
  EXPECT_ERRNO(EINVAL, op(0, 1));
  EXPECT_ERRNO(EINVAL, semctl(id, 0, IPC_RMID));
}

TEST_F(SysvSemaphore, ASignalEndsWaitingAndItNeverRestarts) {
  create(1);
  const pid_t child = spawn([&] {
    struct sigaction a{};
    a.sa_handler = ignore_signal;
    a.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &a, nullptr);
    EXPECT_ERRNO(EINTR, op(0, -1));
  });
  await_waiting(1);
  kill(child, SIGUSR1);
  EXPECT_EQ(reap(child), 0);
  EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
}

TEST_F(SysvSemaphore, ATimedWaitEndsWithAgain) {
  create(1);
  sembuf o{0, -1, 0};
  timespec t{0, 1000};
  EXPECT_ERRNO(EAGAIN, semtimedop(id, &o, 1, &t));
  t = {0, 0};
  EXPECT_ERRNO(EAGAIN, semtimedop(id, &o, 1, &t));
  t = {0, 1'000'000'000};
  EXPECT_ERRNO(EINVAL, semtimedop(id, &o, 1, &t));
  t = {-1, 0};
  EXPECT_ERRNO(EINVAL, semtimedop(id, &o, 1, &t));
  EXPECT_ERRNO(EFAULT, syscall(SYS_semtimedop, id, &o, 1, (void*)8));
  EXPECT_OK(op(0, 1));
  t = {100, 0};
  EXPECT_OK(semtimedop(id, &o, 1, &t));
}

TEST_F(SysvSemaphore, ExitUndoes) {
  create(1);
  EXPECT_OK(op(0, 5));
  EXPECT_EQ(in_child([&] {
              EXPECT_OK(op(0, -2, SEM_UNDO));
              EXPECT_OK(op(0, 1, SEM_UNDO));
              EXPECT_EQ(value(), 4);
            }),
            0);
  EXPECT_EQ(value(), 5);
}

TEST_F(SysvSemaphore, AKilledProcessUndoesAndServesWaiters) {
  create(1);
  EXPECT_OK(op(0, 1));
  Gate taken;
  const pid_t holder = spawn([&] {
    EXPECT_OK(op(0, -1, SEM_UNDO));
    taken.open();
    pause();
  });
  taken.wait();
  const pid_t waiter = spawn([&] { EXPECT_OK(op(0, -1)); });
  await_waiting(1);
  kill(holder, SIGKILL);
  EXPECT_EQ(reap(holder), 128 + SIGKILL);
  EXPECT_EQ(reap(waiter), 0);
}

TEST_F(SysvSemaphore, ForkDoesNotInheritAdjustments) {
  create(1);
  EXPECT_OK(op(0, 1, SEM_UNDO));
  EXPECT_EQ(in_child([] {}), 0);
  EXPECT_EQ(value(), 1);
}

TEST_F(SysvSemaphore, CloneSysvsemSharesAdjustments) {
  create(1);
  EXPECT_EQ(in_child([&] {
              const long child = syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0);
              if (child == 0) {
                op(0, 3, SEM_UNDO);
                _exit(0);
              }
              EXPECT_EQ(reap((pid_t)child), 0);
              EXPECT_EQ(value(), 3);
            }),
            0);
  EXPECT_EQ(value(), 0);
}

TEST_F(SysvSemaphore, SetvalForgetsAdjustments) {
  create(2);
  EXPECT_EQ(in_child([&] {
              EXPECT_OK(op(0, 3, SEM_UNDO));
              EXPECT_OK(op(1, 3, SEM_UNDO));
              EXPECT_OK(semctl(id, 0, SETVAL, 7));
            }),
            0);
  EXPECT_EQ(value(0), 7);
  EXPECT_EQ(value(1), 0);
}

TEST_F(SysvSemaphore, AnUndoDoesNotGoBelowZero) {
  create(1);
  EXPECT_EQ(in_child([&] {
              EXPECT_OK(op(0, 3, SEM_UNDO));
              EXPECT_OK(op(0, -2));
            }),
            0);
  EXPECT_EQ(value(), 0);
}

TEST_F(SysvSemaphore, StatusTellsOwnersTimesAndCount) {
  create(4, 0640);
  semid_ds s{};
  EXPECT_OK(semctl(id, 0, IPC_STAT, &s));
  EXPECT_EQ(s.sem_nsems, 4u);
  EXPECT_EQ(s.sem_perm.mode, 0640u);
  EXPECT_EQ(s.sem_perm.__key, IPC_PRIVATE);
  EXPECT_EQ(s.sem_otime, 0);
  EXPECT_NE(s.sem_ctime, 0);
  EXPECT_OK(op(0, 1));
  EXPECT_OK(semctl(id, 0, IPC_STAT, &s));
  EXPECT_NE(s.sem_otime, 0);
  EXPECT_ERRNO(EFAULT, semctl(id, 0, IPC_STAT, (void*)8));
  EXPECT_EQ(semctl(id & 0x7fff, 0, SEM_STAT, &s), id);
  EXPECT_EQ(semctl(id & 0x7fff, 0, SEM_STAT_ANY, &s), id);
}

TEST_F(SysvSemaphore, SetChangesOwnerAndMode) {
  create(1);
  semid_ds s{};
  EXPECT_OK(semctl(id, 0, IPC_STAT, &s));
  s.sem_perm.uid = kUser;
  s.sem_perm.gid = kUser;
  s.sem_perm.mode = 0604;
  EXPECT_OK(semctl(id, 0, IPC_SET, &s));
  EXPECT_EQ(as_user([&] {
              EXPECT_OK(op(0, 1));
              EXPECT_OK(semctl(id, 0, IPC_RMID));
            }),
            0);
  id = -1;
}

TEST_F(SysvSemaphore, PermissionsAreChecked) {
  create(1, 0604);
  EXPECT_EQ(as_user([&] {
              semid_ds s{};
              EXPECT_EQ(value(), 0);
              EXPECT_OK(op(0, 0));
              EXPECT_ERRNO(EACCES, op(0, 1));
              EXPECT_ERRNO(EACCES, semctl(id, 0, SETVAL, 1));
              EXPECT_ERRNO(EPERM, semctl(id, 0, IPC_SET, &s));
              EXPECT_ERRNO(EPERM, semctl(id, 0, IPC_RMID));
            }),
            0);
}

TEST_F(SysvSemaphore, UnreadableSetsShowOnlyToStatAny) {
  create(1, 0600);
  EXPECT_EQ(as_user([&] {
              semid_ds s{};
              EXPECT_ERRNO(EACCES, value());
              EXPECT_ERRNO(EACCES, semctl(id, 0, IPC_STAT, &s));
              EXPECT_ERRNO(EACCES, semctl(id & 0x7fff, 0, SEM_STAT, &s));
              EXPECT_EQ(semctl(id & 0x7fff, 0, SEM_STAT_ANY, &s), id);
            }),
            0);
}

TEST_F(SysvSemaphore, InfoTellsTheLimits) {
  create(5);
  seminfo info{};
  EXPECT_GE(semctl(0, 0, IPC_INFO, &info), 0);
  EXPECT_EQ(info.semmsl, 32000);
  EXPECT_EQ(info.semmni, 32000);
  EXPECT_EQ(info.semmns, 1024000000);
  EXPECT_EQ(info.semopm, 500);
  EXPECT_EQ(info.semvmx, 32767);
  EXPECT_EQ(info.semusz, 20);
  EXPECT_GE(semctl(0, 0, SEM_INFO, &info), 0);
  EXPECT_GE(info.semusz, 1);
  EXPECT_GE(info.semaem, 5);
}

TEST_F(SysvSemaphore, UnknownCommandsAreRefused) {
  create(1);
  EXPECT_ERRNO(EINVAL, syscall(SYS_semctl, id, 0, 99, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_semctl, -1, 0, IPC_RMID, 0));
}
