/// The mqueue file system and /proc/sys/fs/mqueue. Source: mq_overview(7).
#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <vector>

#include "ipc/mqueue.h"
#include "support/setting.h"

using namespace systest;

namespace {

struct MqueueFiles : MqueueTest {
  void SetUp() override {
    MqueueTest::SetUp();
    ASSERT_OK(mkdir("mq", 0755));
    ASSERT_OK(mount("none", "mq", "mqueue", 0, nullptr));
    path = "mq/" + name;
  }
  void TearDown() override {
    EXPECT_OK(umount("mq"));
    MqueueTest::TearDown();
  }
  std::string path;
};

std::vector<std::string> names_in(const char* directory) {
  std::vector<std::string> names;
  DIR* const d = opendir(directory);
  while (const dirent* e = readdir(d)) names.emplace_back(e->d_name);
  closedir(d);
  return names;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

struct MqueueLimits : MqueueTest {
  int open_default() {
    mq_unlink_raw(name.c_str());
    return queue = mq_open_raw(name.c_str(), O_RDWR | O_CREAT);
  }
};

}  // namespace

TEST_F(MqueueFiles, ShowsQueuesAsFiles) {
  EXPECT_TRUE(holds(names_in("mq"), name));
  const struct stat s = stat_of(path.c_str());
  EXPECT_EQ(s.st_mode, (mode_t)S_IFREG | 0600);
  EXPECT_EQ(s.st_size, 80);
  EXPECT_OK(send("four"));
  EXPECT_TRUE(slurp(path.c_str()).starts_with("QSIZE:4 "));
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_FALSE(holds(names_in("mq"), name));
}

TEST_F(MqueueFiles, TheDirectoryIsStickyAndCountsItsEntries) {
  const struct stat before = stat_of("mq");
  EXPECT_EQ(before.st_mode, (mode_t)S_IFDIR | 01777);
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(stat_of("mq").st_size, before.st_size - 20);
  EXPECT_EQ(before.st_nlink, 2u);
}

TEST_F(MqueueFiles, AnOpenedFileIsAQueueDescriptor) {
  const int file = open(path.c_str(), O_RDWR);
  ASSERT_GE(file, 0);
  EXPECT_OK(send("x", 3));
  EXPECT_EQ(take(nullptr, file), "x");
  EXPECT_EQ(got, 3u);
  EXPECT_EQ(fcntl(file, F_GETFD), 0) << "open(2) marks it only when asked";
  close(file);
}

TEST_F(MqueueFiles, HasNothingToTruncate) {
  EXPECT_OK(send("x"));
  const Fd file{open(path.c_str(), O_WRONLY | O_TRUNC)};
  EXPECT_GE(file, 0);
  EXPECT_OK(ftruncate(file, 0));
  EXPECT_EQ(take(), "x");
}

TEST_F(MqueueFiles, AMadeFileIsAQueueOfTheDefaultSize) {
  close(queue);
  EXPECT_OK(unlink(path.c_str()));
  EXPECT_ERRNO(ENOENT, mq_open_raw(name.c_str(), O_RDWR));
  close(open(path.c_str(), O_RDWR | O_CREAT, 0600));
  queue = mq_open_raw(name.c_str(), O_RDWR);
  EXPECT_EQ(attributes().mq_maxmsg, 10);
  EXPECT_OK(unlink(path.c_str()));
  EXPECT_OK(mknod(path.c_str(), S_IFREG | 0600, 0));
  EXPECT_GE(mq_open_raw(name.c_str(), O_RDWR), 0);
}

TEST_F(MqueueFiles, HoldsNothingButQueues) {
  EXPECT_ERRNO(EPERM, mkdir("mq/directory", 0755));
  EXPECT_ERRNO(EPERM, symlink("target", "mq/link"));
  EXPECT_ERRNO(EPERM, mknod("mq/fifo", S_IFIFO | 0600, 0));
  EXPECT_ERRNO(EPERM, link(path.c_str(), "mq/other"));
  EXPECT_ERRNO(EPERM, rename(path.c_str(), "mq/other"));
  EXPECT_EQ(names_in("mq").size(), 3u);
}

TEST_F(MqueueFiles, PermissionsAreChangedAsOfAnyFile) {
  EXPECT_OK(chmod(path.c_str(), 0644));
  EXPECT_OK(chown(path.c_str(), kUser, kUser));
  EXPECT_EQ(as_user([&] {
              EXPECT_GE(mq_open_raw(name.c_str(), O_RDWR), 0);
              EXPECT_OK(mq_unlink_raw(name.c_str()));
            }),
            0);
}

TEST_F(MqueueFiles, EveryMountShowsTheSame) {
  ASSERT_OK(mkdir("second", 0755));
  ASSERT_OK(mount("none", "second", "mqueue", 0, nullptr));
  EXPECT_EQ(stat_of(path.c_str()).st_ino, stat_of(("second/" + name).c_str()).st_ino);
  EXPECT_EQ(stat_of("mq").st_dev, stat_of("second").st_dev);
  EXPECT_OK(umount("second"));
  struct statfs s;
  EXPECT_OK(statfs("mq", &s));
  EXPECT_EQ(s.f_type, 0x19800202);
  EXPECT_ERRNO(EINVAL, mount("none", "second", "mqueue", 0, "senseless=1"));
}

TEST_F(MqueueFiles, IsAFileSystemWithoutADevice) {
  EXPECT_NE(slurp("/proc/filesystems").find("nodev\tmqueue\n"), std::string::npos);
  EXPECT_NE(slurp("/proc/mounts").find("/mq mqueue rw,relatime 0 0"), std::string::npos);
}

TEST_F(MqueueLimits, HaveLinuxsDefaults) {
  EXPECT_EQ(Setting{"fs/mqueue/msg_default"}.read(), "10\n");
  EXPECT_EQ(Setting{"fs/mqueue/msg_max"}.read(), "10\n");
  EXPECT_EQ(Setting{"fs/mqueue/msgsize_default"}.read(), "8192\n");
  EXPECT_EQ(Setting{"fs/mqueue/msgsize_max"}.read(), "8192\n");
  EXPECT_EQ(Setting{"fs/mqueue/queues_max"}.read(), "256\n");
}

TEST_F(MqueueLimits, StayInTheirRanges) {
  for (const char* name : {"msg_default", "msg_max"}) {
    const Setting limit{std::string{"fs/mqueue/"} + name};
    EXPECT_ERRNO(EINVAL, limit.set("0"));
    EXPECT_ERRNO(EINVAL, limit.set("65537"));
    EXPECT_ERRNO(EINVAL, limit.set("x"));
    EXPECT_OK(limit.set("65536\n"));
    EXPECT_EQ(limit.read(), "65536\n");
  }
  for (const char* name : {"msgsize_default", "msgsize_max"}) {
    const Setting limit{std::string{"fs/mqueue/"} + name};
    EXPECT_ERRNO(EINVAL, limit.set("127"));
    EXPECT_ERRNO(EINVAL, limit.set("16777217"));
    EXPECT_OK(limit.set("16777216"));
  }
}

TEST_F(MqueueLimits, DefaultsAreForQueuesWithoutAttributes) {
  const Setting messages{"fs/mqueue/msg_default"}, bytes{"fs/mqueue/msgsize_default"},
      most_messages{"fs/mqueue/msg_max"}, most_bytes{"fs/mqueue/msgsize_max"};
  EXPECT_OK(messages.set("7"));
  EXPECT_OK(bytes.set("200"));
  ASSERT_GE(open_default(), 0);
  EXPECT_EQ(attributes().mq_maxmsg, 7);
  EXPECT_EQ(attributes().mq_msgsize, 200);
  EXPECT_OK(most_messages.set("5"));
  EXPECT_OK(most_bytes.set("150"));
  ASSERT_GE(open_default(), 0);
  EXPECT_EQ(attributes().mq_maxmsg, 5);
  EXPECT_EQ(attributes().mq_msgsize, 150);
}

TEST_F(MqueueLimits, MaximaHoldForTheUnprivileged) {
  const Setting messages{"fs/mqueue/msg_max"}, bytes{"fs/mqueue/msgsize_max"};
  EXPECT_OK(messages.set("20"));
  EXPECT_OK(bytes.set("10000"));
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(as_user([&] {
              EXPECT_GE(open_new(20, 10000), 0);
              EXPECT_ERRNO(EINVAL, open_new(21, 10));
              EXPECT_ERRNO(EINVAL, open_new(1, 10001));
            }),
            0);
}

TEST_F(MqueueLimits, TheNumberOfQueuesIsLimitedForTheUnprivileged) {
  const Setting queues{"fs/mqueue/queues_max"};
  EXPECT_OK(queues.set("1"));
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(ENOSPC, mq_open_raw("hardtack-other", O_RDWR | O_CREAT, 0600, nullptr));
              EXPECT_ERRNO(ENOENT, mq_open_raw("hardtack-other", O_RDWR));
            }),
            0);
  EXPECT_GE(mq_open_raw("hardtack-other", O_RDWR | O_CREAT), 0) << "CAP_SYS_RESOURCE";
  EXPECT_OK(mq_unlink_raw("hardtack-other"));
  EXPECT_OK(queues.set("0"));
  EXPECT_EQ(queues.read(), "0\n");
}

TEST_F(MqueueLimits, ALongMessageArrivesWhole) {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  ASSERT_OK(setrlimit(RLIMIT_MSGQUEUE, &all));
  constexpr std::size_t kBytes = 5'000'001;
  queue = open_new(2, kBytes);
  ASSERT_GE(queue, 0);
  std::string text(kBytes, '\0'), received(kBytes, '\0');
  for (std::size_t i = 0; i < kBytes; i++) text[i] = (char)(i * 7 % 251);
  EXPECT_OK(mq_send(queue, text.data(), kBytes, 0));
  EXPECT_OK(mq_send(queue, text.data(), kBytes - 1, 0));
  EXPECT_EQ(mq_receive(queue, received.data(), kBytes, nullptr), (ssize_t)kBytes);
  EXPECT_TRUE(received == text);
  EXPECT_EQ(mq_receive(queue, received.data(), kBytes, nullptr), (ssize_t)kBytes - 1);
}
