/// /proc/PID/ns: the namespaces of a process. Source: namespaces(7), ioctl_ns(2).
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <set>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

struct Namespace {
  const char* entry;
  const char* type;
  int flag;
};
constexpr Namespace kAll[] = {
    {"cgroup", "cgroup", CLONE_NEWCGROUP}, {"ipc", "ipc", CLONE_NEWIPC},
    {"mnt", "mnt", CLONE_NEWNS},           {"net", "net", CLONE_NEWNET},
    {"pid", "pid", CLONE_NEWPID},          {"pid_for_children", "pid", CLONE_NEWPID},
    {"time", "time", CLONE_NEWTIME},       {"time_for_children", "time", CLONE_NEWTIME},
    {"user", "user", CLONE_NEWUSER},       {"uts", "uts", CLONE_NEWUTS},
};

std::string path_of(pid_t pid, const char* entry) { return "/proc/" + std::to_string(pid) + "/ns/" + entry; }

std::string link_of(const std::string& path) {
  char text[256];
  const ssize_t length = readlink(path.c_str(), text, sizeof text);
  return length == -1 ? strerrorname_np(errno) : std::string(text, length);
}

}  // namespace

TEST(ProcNs, ListsItsLinks) {
  std::set<std::string> names, expected;
  DIR* const directory = opendir("/proc/self/ns");
  ASSERT_NE(directory, nullptr);
  while (const dirent* e = readdir(directory)) {
    if (e->d_name[0] == '.') continue;
    names.insert(e->d_name);
    EXPECT_EQ(e->d_type, DT_LNK);
  }
  closedir(directory);
  for (const Namespace& n : kAll) expected.insert(n.entry);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(mode_of("/proc/self/ns"), 0511u);
  EXPECT_EQ(stat_of("/proc/self/ns/mnt").st_mode, S_IFLNK | 0777u);
}

TEST(ProcNs, ALinkNamesTypeAndNumber) {
  for (const Namespace& n : kAll) {
    const std::string path = path_of(getpid(), n.entry);
    struct stat st{};
    ASSERT_OK(stat(path.c_str(), &st)) << n.entry;
    EXPECT_EQ(link_of(path), std::string(n.type) + ":[" + std::to_string(st.st_ino) + "]");
    EXPECT_GE(st.st_ino, 0xefff'fff0u);
    EXPECT_EQ(link_of("/proc/thread-self/ns/" + std::string(n.entry)), link_of(path));
  }
}

TEST(ProcNs, DifferByTypeAndNotByProcess) {
  const Sleeper other;
  std::set<std::string> all;
  for (const Namespace& n : kAll) {
    all.insert(link_of(path_of(getpid(), n.entry)));
    EXPECT_EQ(link_of(path_of(other, n.entry)), link_of(path_of(getpid(), n.entry)));
  }
  EXPECT_EQ(all.size(), std::size(kAll) - 2);
}

TEST(ProcNs, OpensAFileThatTellsNothingButItsIdentity) {
  for (const Namespace& n : kAll) {
    const std::string path = path_of(getpid(), n.entry);
    const Fd fd{open(path.c_str(), O_RDONLY)};
    ASSERT_OK((int)fd) << n.entry;
    struct stat open_file{}, named{};
    ASSERT_OK(fstat(fd, &open_file));
    ASSERT_OK(stat(path.c_str(), &named));
    EXPECT_EQ(open_file.st_mode, S_IFREG | 0444u);
    EXPECT_EQ(open_file.st_ino, named.st_ino);
    EXPECT_EQ(open_file.st_dev, named.st_dev);
    EXPECT_EQ(open_file.st_uid, 0u);
    EXPECT_EQ(open_file.st_size, 0);
    EXPECT_EQ(open_file.st_nlink, 1u);
    char byte = 0;
    EXPECT_ERRNO(EINVAL, read(fd, &byte, 1));
    EXPECT_EQ(link_of("/proc/self/fd/" + std::to_string((int)fd)), link_of(path));
    EXPECT_ERRNO(ENOTDIR, open((path + "/x").c_str(), O_RDONLY));
  }
}

TEST(ProcNs, AreOnAFileSystemOfTheirOwn) {
  struct statfs fs{};
  ASSERT_OK(statfs("/proc/self/ns/net", &fs));
  EXPECT_EQ((unsigned long)fs.f_type, NSFS_MAGIC);
  EXPECT_NE(stat_of("/proc/self/ns/").st_dev, [] {
    struct stat st{};
    stat("/proc/self/ns/net", &st);
    return st.st_dev;
  }());
}

TEST(ProcNs, AreReadOnly) {
  EXPECT_ERRNO(EPERM, open("/proc/self/ns/uts", O_RDWR));
  EXPECT_ERRNO(EPERM, open("/proc/self/ns/uts", O_WRONLY));
  EXPECT_ERRNO(EPERM, unlink("/proc/self/ns/uts"));
}

TEST(ProcNs, TellTheirTypeByIoctl) {
  for (const Namespace& n : kAll) {
    const Fd fd{open(path_of(getpid(), n.entry).c_str(), O_RDONLY)};
    EXPECT_EQ(ioctl(fd, NS_GET_NSTYPE), n.flag) << n.entry;
    const bool nests = n.flag == CLONE_NEWUSER || n.flag == CLONE_NEWPID;
    EXPECT_ERRNO(nests ? EPERM : EINVAL, ioctl(fd, NS_GET_PARENT)) << n.entry;
    uid_t owner = 77;
    if (n.flag == CLONE_NEWUSER) {
      EXPECT_OK(ioctl(fd, NS_GET_OWNER_UID, &owner));
      EXPECT_EQ(owner, 0u);
      EXPECT_ERRNO(EPERM, ioctl(fd, NS_GET_USERNS));
    } else {
      EXPECT_ERRNO(EINVAL, ioctl(fd, NS_GET_OWNER_UID, &owner));
      const Fd user{ioctl(fd, NS_GET_USERNS)};
      ASSERT_OK((int)user);
      EXPECT_EQ(link_of("/proc/self/fd/" + std::to_string((int)user)), link_of("/proc/self/ns/user"));
      EXPECT_EQ(fcntl(user, F_GETFD), FD_CLOEXEC);
    }
    EXPECT_ERRNO(ENOTTY, ioctl(fd, 0x1234));
  }
}

TEST(ProcNs, AreForTheOwnerOnly) {
  const pid_t roots = getpid();
  EXPECT_EQ(as_user([=] {
              EXPECT_EQ(link_of(path_of(roots, "mnt")), "EACCES");
              EXPECT_ERRNO(EACCES, open(path_of(roots, "mnt").c_str(), O_RDONLY));
              EXPECT_ERRNO(EACCES, open(("/proc/" + std::to_string(roots) + "/ns").c_str(), O_RDONLY));
              EXPECT_EQ(link_of("/proc/self/ns/mnt").substr(0, 5), "mnt:[");
            }),
            0);
}
