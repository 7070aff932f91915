/// Making, opening, locking and closing pseudo-terminal pairs: pty(7), ptmx(4), ioctl_tty(2).
#include <sys/sysmacros.h>

#include "tty/pair.h"

using namespace systest;

using PtyPairTest = Pair;

TEST_F(PtyPairTest, SlaveIsACharacterDeviceOfItsNumber) {
  const struct stat st = stat_of(path().c_str());
  EXPECT_TRUE(S_ISCHR(st.st_mode));
  EXPECT_EQ(major(st.st_rdev), 136u);
  EXPECT_EQ(minor(st.st_rdev), number_of(master));
  EXPECT_EQ(st.st_ino, number_of(master) + 3u);
  EXPECT_EQ(st.st_uid, getuid());
  char name[64];
  EXPECT_EQ(ttyname_r(slave, name, sizeof name), 0);
  EXPECT_EQ(name, path());
  EXPECT_EQ(isatty(slave), 1);
  EXPECT_EQ(isatty(master), 1);
}

TEST_F(PtyPairTest, PtmxIsFiveTwo) {
  const struct stat st = stat_of("/dev/ptmx");
  EXPECT_EQ(st.st_rdev, makedev(5, 2));
  struct stat open_master;
  ASSERT_OK(fstat(master, &open_master));
  EXPECT_EQ(open_master.st_rdev, makedev(5, 2));
}

TEST_F(PtyPairTest, EveryOpenOfPtmxIsANewPair) {
  Fd second = new_master();
  EXPECT_NE(number_of(master), number_of(second));
  EXPECT_NE(stat_of(path_of(second).c_str()).st_ino, stat_of(path().c_str()).st_ino);
}

TEST_F(PtyPairTest, LockedSlaveCannotBeOpened) {
  Fd fresh{open("/dev/ptmx", O_RDWR | O_NOCTTY)};
  int locked = -1;
  EXPECT_OK(ioctl(fresh, TIOCGPTLCK, &locked));
  EXPECT_EQ(locked, 1);
  EXPECT_ERRNO(EIO, open(path_of(fresh).c_str(), O_RDWR | O_NOCTTY));
  locked = 0;
  EXPECT_OK(ioctl(fresh, TIOCSPTLCK, &locked));
  EXPECT_OK(ioctl(fresh, TIOCGPTLCK, &locked));
  EXPECT_EQ(locked, 0);
  Fd now{open(path_of(fresh).c_str(), O_RDWR | O_NOCTTY)};
  EXPECT_OK(int{now});
}

TEST_F(PtyPairTest, MasterRequestsAreNotForTheSlave) {
  int value = 0;
  for (const unsigned long request :
       std::initializer_list<unsigned long>{TIOCGPTN, TIOCSPTLCK, TIOCGPTLCK, TIOCPKT, TIOCGPKT})
    EXPECT_ERRNO(ENOTTY, ioctl(slave, request, &value)) << request;
  EXPECT_ERRNO(EIO, ioctl(slave, TIOCGPTPEER, O_RDWR));
  EXPECT_ERRNO(EFAULT, ioctl(master, TIOCGPTN, 16));
  EXPECT_ERRNO(EFAULT, ioctl(master, TIOCSPTLCK, 16));
}

TEST_F(PtyPairTest, PeerIsOpenedWithoutItsName) {
  Fd peer{ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)};
  ASSERT_OK(int{peer});
  EXPECT_EQ(fcntl(peer, F_GETFD), FD_CLOEXEC);
  struct stat by_peer, by_name;
  ASSERT_OK(fstat(peer, &by_peer));
  ASSERT_OK(fstat(slave, &by_name));
  EXPECT_EQ(by_peer.st_ino, by_name.st_ino);
  EXPECT_EQ(by_peer.st_dev, by_name.st_dev);
  char name[64];
  EXPECT_EQ(ttyname_r(peer, name, sizeof name), 0);
  EXPECT_EQ(name, path());
  Fd null{open("/dev/null", O_RDWR)};
  EXPECT_ERRNO(ENOTTY, ioctl(null, TIOCGPTPEER, O_RDWR));
}

TEST_F(PtyPairTest, NameGoesWithTheMaster) {
  const std::string name = path();
  EXPECT_OK(access(name.c_str(), F_OK));
  master.reset();
  EXPECT_ERRNO(ENOENT, access(name.c_str(), F_OK));
  EXPECT_ERRNO(ENOENT, open(name.c_str(), O_RDWR));
}

TEST_F(PtyPairTest, ClosedMasterHangsTheSlaveUp) {
  master.reset();
  char byte = 'x';
  EXPECT_EQ(read(slave, &byte, 1), 0);
  EXPECT_ERRNO(EIO, write(slave, &byte, 1));
  termios t;
  EXPECT_ERRNO(EIO, tcgetattr(slave, &t));
  EXPECT_ERRNO(ENOTTY, tcsetpgrp(slave, getpgrp()));
  EXPECT_EQ(events_of(slave, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLERR | POLLHUP);
}

TEST_F(PtyPairTest, ReaderOfTheSlaveIsWokenByTheHangUp) {
  Gate ready;
  const pid_t pid = spawn([&] {
    master.reset();
    ready.open();
    char byte;
    EXPECT_ERRNO(EIO, read(slave, &byte, 1));
  });
  ready.wait();
  await_state(pid, 'S');
  master.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyPairTest, WriterOfTheSlaveIsWokenByTheHangUp) {
  Gate ready;
  const pid_t pid = spawn([&] {
    master.reset();
    ready.open();
    const std::string much(65536, 'm');
    const ssize_t written = write(slave, much.data(), much.size());
    EXPECT_LT(written, 65536);
    EXPECT_ERRNO(EIO, write(slave, "x", 1));
  });
  ready.wait();
  await_state(pid, 'S');
  master.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyPairTest, MasterReadsEioWhenTheLastSlaveIsClosed) {
  Fd second = open_slave();
  slave.reset();
  set_nonblocking(master);
  char byte;
  EXPECT_ERRNO(EAGAIN, read(master, &byte, 1)) << "one is still open";
  EXPECT_EQ(write(second, "last", 4), 4);
  second.reset();
  EXPECT_EQ(await(master, POLLIN), POLLIN | POLLHUP);
  EXPECT_EQ(screen(4), "last") << "what was written before is still there";
  EXPECT_ERRNO(EIO, read(master, &byte, 1));
  EXPECT_EQ(events_of(master, POLLIN | POLLOUT), POLLOUT | POLLHUP);
}

TEST_F(PtyPairTest, MasterWaitsBeforeTheFirstSlaveIsOpened) {
  Fd fresh = new_master();
  set_nonblocking(fresh);
  char byte;
  EXPECT_ERRNO(EAGAIN, read(fresh, &byte, 1));
  EXPECT_EQ(events_of(fresh, POLLIN | POLLOUT), POLLOUT);
}

TEST_F(PtyPairTest, MasterReaderIsWokenByTheLastClose) {
  Gate ready;
  const pid_t pid = spawn([&] {
    slave.reset();
    ready.open();
    char byte;
    EXPECT_ERRNO(EIO, read(master, &byte, 1));
  });
  ready.wait();
  await_state(pid, 'S');
  slave.reset();
  EXPECT_EQ(reap(pid), 0);
}

TEST_F(PtyPairTest, SlaveComesBackWithItsSettingsAndInput) {
  change([](termios& t) { t.c_cc[VINTR] = 'x'; });
  slave.reset();
  type("typed meanwhile\n");
  slave = open_slave();
  termios t;
  ASSERT_OK(tcgetattr(slave, &t));
  EXPECT_EQ(t.c_cc[VINTR], 'x');
  EXPECT_EQ(line(), "typed meanwhile\n");
  set_nonblocking(master);
  char byte;
  EXPECT_ERRNO(EAGAIN, read(master, &byte, 1)) << "no end any more";
}

TEST_F(PtyPairTest, ExclusiveUseKeepsOthersOut) {
  int exclusive = -1;
  EXPECT_OK(ioctl(slave, TIOCGEXCL, &exclusive));
  EXPECT_EQ(exclusive, 0);
  EXPECT_OK(chmod(path().c_str(), 0666));
  EXPECT_OK(ioctl(slave, TIOCEXCL));
  const std::string name = path();
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EBUSY, open(name.c_str(), O_RDWR | O_NOCTTY)); }), 0);
  EXPECT_OK(int{open_slave()}) << "CAP_SYS_ADMIN";
  EXPECT_OK(ioctl(slave, TIOCNXCL));
  EXPECT_EQ(as_user([&] { EXPECT_OK(open(name.c_str(), O_RDWR | O_NOCTTY)); }), 0);
}

TEST_F(PtyPairTest, DeviceNumberIsTheSlavesAtBothEnds) {
  unsigned device = 0;
  EXPECT_OK(ioctl(slave, TIOCGDEV, &device));
  EXPECT_EQ(device, makedev(136, number_of(master)));
  device = 0;
  EXPECT_OK(ioctl(master, TIOCGDEV, &device));
  EXPECT_EQ(device, makedev(136, number_of(master)));
}

TEST_F(PtyPairTest, NeitherEndSeeks) {
  char byte;
  EXPECT_ERRNO(ESPIPE, lseek(master, 0, SEEK_SET));
  EXPECT_ERRNO(ESPIPE, lseek(slave, 0, SEEK_CUR));
  EXPECT_ERRNO(ESPIPE, pread(slave, &byte, 1, 0));
}

TEST_F(PtyPairTest, NumbersAreTheLowestFreeOnes) {
  Fd a = new_master(), b = new_master();
  const unsigned low = number_of(a);
  EXPECT_EQ(number_of(b), low + 1);
  a.reset();
  for (int tries = 0; tries < 1000; tries++) {  // the number comes back some time after the close
    a = new_master();
    if (number_of(a) == low) break;
    a.reset();
    usleep(1000);
  }
  EXPECT_EQ(number_of(a), low);
}
