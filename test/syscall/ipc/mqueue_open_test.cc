/// mq_open(2), mq_unlink(2): names, permissions and limits.
#include <sys/resource.h>
#include <sys/stat.h>

#include "ipc/mqueue.h"

using namespace systest;

namespace {

struct MqueueOpen : MqueueTest {
  int again(int flags) { return mq_open_raw(name.c_str(), flags); }
  int open_sized(long messages, long bytes) {
    const int fd = open_new(messages, bytes);
    if (fd >= 0) close(fd);
    return fd;
  }
};

void limit_bytes(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  ASSERT_OK(setrlimit(RLIMIT_MSGQUEUE, &limit));
}

}  // namespace

TEST_F(MqueueOpen, FindsAQueueByItsName) {
  EXPECT_GE(again(O_RDONLY), 0);
  EXPECT_GE(again(O_RDWR | O_CREAT), 0);
  EXPECT_ERRNO(EEXIST, again(O_RDWR | O_CREAT | O_EXCL));
  EXPECT_ERRNO(ENOENT, mq_open_raw("hardtack-nobody-made-this", O_RDWR));
  EXPECT_ERRNO(EINVAL, again(O_RDWR | O_WRONLY));
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_ERRNO(ENOENT, mq_unlink_raw(name.c_str()));
}

TEST_F(MqueueOpen, NamesHaveNoSlash) {
  EXPECT_ERRNO(EACCES, mq_open_raw("/rooted", O_RDWR | O_CREAT));
  EXPECT_ERRNO(EACCES, mq_open_raw("a/b", O_RDWR | O_CREAT));
  EXPECT_ERRNO(EACCES, mq_open_raw("a/", O_RDWR | O_CREAT));
  EXPECT_ERRNO(EACCES, mq_open_raw(".", O_RDWR | O_CREAT));
  EXPECT_ERRNO(EACCES, mq_open_raw("..", O_RDWR | O_CREAT));
  EXPECT_ERRNO(ENOENT, mq_open_raw("", O_RDWR | O_CREAT));
  EXPECT_ERRNO(EACCES, mq_unlink_raw("a/b"));
  EXPECT_ERRNO(EACCES, mq_unlink_raw(".."));
  EXPECT_ERRNO(ENOENT, mq_unlink_raw(""));
  EXPECT_ERRNO(EFAULT, mq_open_raw(nullptr, O_RDWR));
  EXPECT_ERRNO(EFAULT, mq_unlink_raw((const char*)8));
}

TEST_F(MqueueOpen, NamesHaveAtMost255Bytes) {
  const std::string longest(255, 'n'), longer(256, 'n'), slashed = longer + "/";
  EXPECT_GE(mq_open_raw(longest.c_str(), O_RDWR | O_CREAT), 0);
  EXPECT_OK(mq_unlink_raw(longest.c_str()));
  EXPECT_ERRNO(ENAMETOOLONG, mq_open_raw(longer.c_str(), O_RDWR | O_CREAT));
  EXPECT_ERRNO(ENAMETOOLONG, mq_unlink_raw(longer.c_str()));
  EXPECT_ERRNO(EACCES, mq_open_raw(slashed.c_str(), O_RDWR | O_CREAT));
  EXPECT_ERRNO(ENAMETOOLONG, mq_open_raw(std::string(5000, '/').c_str(), O_RDWR));
}

TEST_F(MqueueOpen, TheLibraryTakesTheSlashOff) {
  const std::string slashed = "/" + name;
  const mqd_t other = mq_open(slashed.c_str(), O_RDWR);
  ASSERT_GE(other, 0);
  EXPECT_OK(mq_send(other, "x", 1, 0));
  EXPECT_EQ(take(), "x");
  EXPECT_OK(mq_close(other));
  EXPECT_ERRNO(EBADF, mq_send(other, "x", 1, 0));
}

TEST_F(MqueueOpen, DescriptorsAreCloseOnExec) {
  EXPECT_EQ(fcntl(queue, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(again(O_RDWR), F_GETFD), FD_CLOEXEC);
}

TEST_F(MqueueOpen, StatusFlagsAreKept) {
  EXPECT_EQ(fcntl(queue, F_GETFL) & ~O_LARGEFILE, O_RDWR);
  EXPECT_EQ(fcntl(again(O_WRONLY | O_NONBLOCK), F_GETFL) & ~O_LARGEFILE, O_WRONLY | O_NONBLOCK);
}

TEST_F(MqueueOpen, ModeAndOwnerAreThoseOfAFile) {
  struct stat s;
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  umask(027);
  queue = mq_open_raw(name.c_str(), O_RDWR | O_CREAT, 06666);
  ASSERT_OK(fstat(queue, &s));
  EXPECT_EQ(s.st_mode, (mode_t)S_IFREG | 06640);
  EXPECT_EQ(s.st_size, 80);
  EXPECT_EQ(s.st_nlink, 1u);
  EXPECT_EQ(s.st_blocks, 0);
  EXPECT_EQ(s.st_uid, 0u);
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(as_user([&] {
              const int own = mq_open_raw(name.c_str(), O_RDWR | O_CREAT, 0600);
              ASSERT_OK(fstat(own, &s));
              EXPECT_EQ(s.st_uid, kUser);
              EXPECT_EQ(s.st_gid, kUser);
            }),
            0);
}

TEST_F(MqueueOpen, PermissionsAreChecked) {
  ASSERT_OK(fchmod(queue, 0604));
  EXPECT_EQ(as_user([&] {
              EXPECT_GE(again(O_RDONLY), 0);
              EXPECT_ERRNO(EACCES, again(O_WRONLY));
              EXPECT_ERRNO(EACCES, again(O_RDWR));
              EXPECT_ERRNO(EACCES, again(O_RDWR | O_CREAT));
              EXPECT_ERRNO(EEXIST, again(O_RDWR | O_CREAT | O_EXCL));
              EXPECT_ERRNO(EPERM, mq_unlink_raw(name.c_str())) << "the directory is sticky";
              EXPECT_OK(send("x")) << "descriptors stay good";
            }),
            0);
}

TEST_F(MqueueOpen, ACreatorMayUseWhatItMadeWithoutPermission) {
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(as_user([&] {
              const int own = mq_open_raw(name.c_str(), O_RDWR | O_CREAT, 0);
              EXPECT_OK(mq_send(own, "x", 1, 0));
              EXPECT_ERRNO(EACCES, again(O_RDONLY));
              EXPECT_OK(mq_unlink_raw(name.c_str()));
            }),
            0);
}

TEST_F(MqueueOpen, AttributesMustBeWithinTheLimits) {
  EXPECT_ERRNO(EINVAL, open_sized(0, 16));
  EXPECT_ERRNO(EINVAL, open_sized(4, 0));
  EXPECT_ERRNO(EINVAL, open_sized(-1, 16));
  EXPECT_ERRNO(EINVAL, open_sized(4, -1));
  EXPECT_ERRNO(EINVAL, open_sized(65537, 1));
  EXPECT_ERRNO(EINVAL, open_sized(1, 16777217));
  limit_bytes(RLIM_INFINITY);
  EXPECT_OK(open_sized(11, 8193)) << "beyond msg_max and msgsize_max, with CAP_SYS_RESOURCE";
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(as_user([&] {
              EXPECT_OK(open_sized(10, 8192));
              EXPECT_ERRNO(EINVAL, open_sized(11, 16));
              EXPECT_ERRNO(EINVAL, open_sized(4, 8193));
              EXPECT_ERRNO(ENOENT, again(O_RDWR)) << "nothing is left behind";
            }),
            0);
}

TEST_F(MqueueOpen, AttributesAreReadBeforeAnythingElse) {
  EXPECT_ERRNO(EFAULT, mq_open_raw(name.c_str(), O_RDWR, 0, (mq_attr*)8));
  const mq_attr senseless = sized(-1, -1);
  EXPECT_GE(mq_open_raw(name.c_str(), O_RDWR | O_CREAT, 0, &senseless), 0) << "and not used where the queue is there";
}

TEST_F(MqueueOpen, WithoutAttributesTheDefaultsCount) {
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  queue = mq_open_raw(name.c_str(), O_RDWR | O_CREAT);
  EXPECT_EQ(attributes().mq_maxmsg, 10);
  EXPECT_EQ(attributes().mq_msgsize, 8192);
}

TEST_F(MqueueOpen, QueuesCountAgainstRlimitMsgqueue) {
  constexpr rlim_t kHeader = 48, kNode = 48;  // as getrlimit(2) counts, on x86-64
  constexpr rlim_t kNeeded = 10 * kHeader + 10 * kNode + 10 * 100;
  close(queue);
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_EQ(as_user([&] {
              limit_bytes(kNeeded - 1);
              EXPECT_ERRNO(EMFILE, open_sized(10, 100));
              EXPECT_ERRNO(ENOENT, again(O_RDWR));
            }),
            0);
  EXPECT_EQ(as_user([&] {
              limit_bytes(kNeeded);
              const int fd = open_new(10, 100);
              EXPECT_GE(fd, 0);
              const mq_attr small = sized(1, 1);
              EXPECT_ERRNO(EMFILE, mq_open_raw("hardtack-second", O_RDWR | O_CREAT, 0600, &small));
              EXPECT_OK(mq_unlink_raw(name.c_str()));
              EXPECT_ERRNO(EMFILE, mq_open_raw("hardtack-second", O_RDWR | O_CREAT, 0600, &small))
                  << "it is still open";
              close(fd);
              EXPECT_GE(mq_open_raw("hardtack-second", O_RDWR | O_CREAT, 0600, &small), 0);
              EXPECT_OK(mq_unlink_raw("hardtack-second"));
            }),
            0);
}

TEST_F(MqueueOpen, TheLimitHoldsForTheCapableToo) {
  limit_bytes(0);
  EXPECT_ERRNO(EMFILE, open_sized(1, 1));
}

TEST_F(MqueueOpen, DescriptorsCountAgainstRlimitNofile) {
  const rlimit none{0, 0};
  ASSERT_OK(setrlimit(RLIMIT_NOFILE, &none));
  EXPECT_ERRNO(EMFILE, again(O_RDWR));
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_ERRNO(EMFILE, again(O_RDWR | O_CREAT));
  EXPECT_ERRNO(ENOENT, mq_unlink_raw(name.c_str())) << "nothing was made";
}

TEST_F(MqueueOpen, IsAFileWithoutContentOperations) {
  char text[100];
  EXPECT_ERRNO(EINVAL, write(queue, "x", 1));
  EXPECT_ERRNO(EINVAL, ftruncate(queue, -1));
  EXPECT_ERRNO(EINVAL, fsync(queue));
  EXPECT_EQ(read(queue, text, sizeof text), 60);
  EXPECT_EQ(read(queue, text, sizeof text), 0);
  EXPECT_EQ(lseek(queue, 0, SEEK_SET), 0);
  EXPECT_EQ(pread(queue, text, 6, 0), 6);
  EXPECT_EQ(std::string(text, 6), "QSIZE:");
  EXPECT_ERRNO(EBADF, read(again(O_WRONLY), text, sizeof text));
}

TEST_F(MqueueOpen, ShowsItsNameInProc) {
  char target[100] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(queue)).c_str(), target, sizeof target - 1), 0);
  EXPECT_EQ(target, "/" + name);
  EXPECT_OK(mq_unlink_raw(name.c_str()));
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(queue)).c_str(), target, sizeof target - 1), 0);
  EXPECT_EQ(target, "/" + name + " (deleted)");
}
