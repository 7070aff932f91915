/// inotify(7): which operation tells which watch what.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <string>
#include <vector>

#include "epoll.h"
#include "support/child.h"

using namespace systest;

namespace {

struct Event {
  int watch;
  std::uint32_t mask, cookie;
  std::string name;
};

struct Inotify {
  Inotify() : fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}
  int watch(const char* path, std::uint32_t mask = IN_ALL_EVENTS) const { return inotify_add_watch(fd, path, mask); }
  std::vector<Event> events() const {
    alignas(inotify_event) char buffer[8192];
    std::vector<Event> all;
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
      for (ssize_t at = 0; at < n;) {
        const auto* e = reinterpret_cast<inotify_event*>(buffer + at);
        all.push_back({e->wd, e->mask, e->cookie, e->len > 0 ? e->name : ""});
        at += static_cast<ssize_t>(sizeof *e + e->len);
      }
    }
    return all;
  }
  /// "create:name" and so on, one after another.
  std::string story() const {
    std::string text;
    for (const Event& e : events()) {
      if (!text.empty()) text += ' ';
      text += name_of(e.mask & ~static_cast<std::uint32_t>(IN_ISDIR));
      if (e.mask & IN_ISDIR) text += '/';
      if (!e.name.empty()) text += ":" + e.name;
    }
    return text;
  }
  static std::string name_of(std::uint32_t mask) {
    switch (mask) {
      case IN_ACCESS:
        return "access";
      case IN_MODIFY:
        return "modify";
      case IN_ATTRIB:
        return "attrib";
      case IN_CLOSE_WRITE:
        return "close_write";
      case IN_CLOSE_NOWRITE:
        return "close";
      case IN_OPEN:
        return "open";
      case IN_MOVED_FROM:
        return "from";
      case IN_MOVED_TO:
        return "to";
      case IN_CREATE:
        return "create";
      case IN_DELETE:
        return "delete";
      case IN_DELETE_SELF:
        return "delete_self";
      case IN_MOVE_SELF:
        return "move_self";
      case IN_UNMOUNT:
        return "unmount";
      case IN_IGNORED:
        return "ignored";
      case IN_Q_OVERFLOW:
        return "overflow";
      default:
        return std::to_string(mask);
    }
  }
  Fd fd;
};

}  // namespace

TEST(Inotify, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, inotify_init1(1));
  Inotify in;
  put("file", "x");
  Fd event{eventfd(0, 0)};
  EXPECT_ERRNO(EINVAL, in.watch("file", 0));
  EXPECT_ERRNO(EINVAL, in.watch("file", 0x00800000));
  EXPECT_ERRNO(EINVAL, in.watch("file", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  EXPECT_ERRNO(EINVAL, inotify_add_watch(event, "file", IN_OPEN));
  EXPECT_ERRNO(EBADF, inotify_add_watch(999, "file", IN_OPEN));
  EXPECT_ERRNO(ENOENT, in.watch("none"));
  EXPECT_ERRNO(ENOTDIR, in.watch("file", IN_OPEN | IN_ONLYDIR));
  EXPECT_ERRNO(EFAULT, in.watch(nullptr));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(in.fd, 1));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(event, 1));
  EXPECT_EQ(in.watch("file"), 1);
}

TEST(Inotify, WatchingNeedsReadPermission) {
  put("secret", "x", 0600);
  EXPECT_EQ(as_user([] {
              Inotify in;
              EXPECT_ERRNO(EACCES, in.watch("secret"));
            }),
            0);
}

TEST(Inotify, AFilesWholeLife) {
  Inotify in;
  ASSERT_EQ(in.watch("."), 1);
  Fd fd{open("file", O_RDWR | O_CREAT, 0644)};
  EXPECT_EQ(in.story(), "create:file open:file");
  ASSERT_EQ(write(fd, "hello", 5), 5);
  char byte;
  ASSERT_EQ(pread(fd, &byte, 1, 0), 1);
  EXPECT_EQ(in.story(), "modify:file access:file");
  fd.reset();
  EXPECT_EQ(in.story(), "close_write:file");
  EXPECT_OK(unlink("file"));
  EXPECT_EQ(in.story(), "delete:file") << "its own IN_ATTRIB goes to its own watchers";
}

TEST(Inotify, AWatchedFilesOwnEventsHaveNoName) {
  Inotify in;
  put("file", "x");
  ASSERT_EQ(in.watch("file"), 1);
  Fd fd{open("file", O_RDONLY)};
  char byte;
  ASSERT_EQ(read(fd, &byte, 1), 1);
  EXPECT_EQ(read(fd, &byte, 1), 0) << "nothing moved";
  fd.reset();
  EXPECT_EQ(in.story(), "open access close");
}

TEST(Inotify, FileAndDirectoryAreBothTold) {
  Inotify in;
  put("file", "x");
  ASSERT_EQ(in.watch("."), 1);
  ASSERT_EQ(in.watch("file"), 2);
  EXPECT_OK(chmod("file", 0600));
  const auto events = in.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].watch, 1);
  EXPECT_EQ(events[0].name, "file");
  EXPECT_EQ(events[1].watch, 2);
  EXPECT_EQ(events[1].name, "");
}

TEST(Inotify, DirectoriesAreMarkedSo) {
  Inotify in;
  ASSERT_EQ(in.watch("."), 1);
  EXPECT_OK(mkdir("sub", 0755));
  Fd sub{open("sub", O_RDONLY | O_DIRECTORY)};
  char entries[1024];
  EXPECT_GT(syscall(SYS_getdents64, static_cast<int>(sub), entries, sizeof entries), 0);
  sub.reset();
  EXPECT_OK(rmdir("sub"));
  EXPECT_EQ(in.story(), "create/:sub open/:sub access/:sub close/:sub delete/:sub");
}

TEST(Inotify, TruncationIsAModification) {
  put("file", "hello");
  Inotify in;
  ASSERT_EQ(in.watch("file"), 1);
  EXPECT_OK(truncate("file", 2));
  EXPECT_EQ(in.story(), "modify");
  Fd fd{open("file", O_WRONLY | O_TRUNC)};
  EXPECT_EQ(in.story(), "modify open");
  EXPECT_OK(ftruncate(fd, 10));
  EXPECT_EQ(in.story(), "modify");
}

TEST(Inotify, AttributesAreTold) {
  put("file", "x");
  Inotify in;
  ASSERT_EQ(in.watch("file"), 1);
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(in.story(), "attrib");
  EXPECT_OK(chown("file", 1, 1));
  EXPECT_EQ(in.story(), "attrib");
  EXPECT_OK(utimensat(AT_FDCWD, "file", nullptr, 0));
  EXPECT_EQ(in.story(), "attrib");
  EXPECT_OK(link("file", "other"));
  EXPECT_EQ(in.story(), "attrib");
  const timespec only_access[] = {{1, 0}, {0, UTIME_OMIT}}, only_modify[] = {{0, UTIME_OMIT}, {1, 0}};
  EXPECT_OK(utimensat(AT_FDCWD, "file", only_access, 0));
  EXPECT_OK(utimensat(AT_FDCWD, "file", only_modify, 0));
  EXPECT_EQ(in.story(), "access modify");
}

TEST(Inotify, EveryKindOfEntryIsCreated) {
  put("file", "x");
  Inotify in;
  ASSERT_EQ(in.watch(".", IN_CREATE | IN_DELETE), 1);
  EXPECT_OK(link("file", "hard"));
  EXPECT_OK(symlink("file", "soft"));
  EXPECT_OK(mkfifo("fifo", 0600));
  EXPECT_OK(mknod("node", S_IFREG | 0600, 0));
  EXPECT_EQ(in.story(), "create:hard create:soft create:fifo create:node");
}

TEST(Inotify, ARenameHasOneCookie) {
  put("a", "x");
  mkdir("sub", 0755);
  Inotify in;
  ASSERT_EQ(in.watch("."), 1);
  ASSERT_EQ(in.watch("sub"), 2);
  ASSERT_EQ(in.watch("a"), 3);
  EXPECT_OK(rename("a", "sub/b"));
  const auto events = in.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].watch, 1);
  EXPECT_EQ(events[0].mask, static_cast<std::uint32_t>(IN_MOVED_FROM));
  EXPECT_EQ(events[0].name, "a");
  EXPECT_EQ(events[1].watch, 2);
  EXPECT_EQ(events[1].mask, static_cast<std::uint32_t>(IN_MOVED_TO));
  EXPECT_EQ(events[1].name, "b");
  EXPECT_NE(events[0].cookie, 0u);
  EXPECT_EQ(events[0].cookie, events[1].cookie);
  EXPECT_EQ(events[2].watch, 3);
  EXPECT_EQ(events[2].mask, static_cast<std::uint32_t>(IN_MOVE_SELF));
  EXPECT_EQ(events[2].cookie, 0u);
  EXPECT_OK(rename("sub/b", "c"));
  const auto again = in.events();
  ASSERT_EQ(again.size(), 3u);
  EXPECT_NE(again[0].cookie, events[0].cookie);
}

TEST(Inotify, ARenamedDirectoryIsMarked) {
  mkdir("sub", 0755);
  Inotify in;
  ASSERT_EQ(in.watch(".", IN_MOVE), 1);
  ASSERT_EQ(in.watch("sub", IN_MOVE_SELF), 2);
  EXPECT_OK(rename("sub", "other"));
  EXPECT_EQ(in.story(), "from/:sub to/:other move_self");
}

TEST(Inotify, AReplacedFileIsDeleted) {
  put("a", "x");
  put("b", "y");
  Inotify in;
  ASSERT_EQ(in.watch("b"), 1);
  EXPECT_OK(rename("a", "b"));
  EXPECT_EQ(in.story(), "attrib delete_self ignored");
}

TEST(Inotify, AnExchangeMovesBoth) {
  put("a", "x");
  put("b", "y");
  Inotify in;
  ASSERT_EQ(in.watch(".", IN_MOVE), 1);
  EXPECT_OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE));
  EXPECT_EQ(in.story(), "from:a to:b from:b to:a");
}

TEST(Inotify, TheEndOfAFileEndsItsWatch) {
  put("file", "x");
  Inotify in;
  ASSERT_EQ(in.watch("."), 1);
  const int watch = in.watch("file");
  EXPECT_OK(unlink("file"));
  EXPECT_EQ(in.story(), "attrib delete_self ignored delete:file");
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(in.fd, watch));
  put("file", "x");
  EXPECT_EQ(in.watch("file"), watch + 1) << "numbers are not used again";
}

TEST(Inotify, AnOpenFileOutlivesItsName) {
  Inotify in;
  put("file", "x");
  Fd fd{open("file", O_RDONLY)};
  ASSERT_EQ(in.watch("file"), 1);
  EXPECT_OK(unlink("file"));
  EXPECT_EQ(in.story(), "attrib");
  fd.reset();
  EXPECT_EQ(in.story(), "close delete_self ignored");
}

TEST(Inotify, AWatchedDirectoryThatIsRemoved) {
  mkdir("sub", 0755);
  Inotify in;
  ASSERT_EQ(in.watch("sub"), 1);
  EXPECT_OK(rmdir("sub"));
  EXPECT_EQ(in.story(), "delete_self ignored");
}

TEST(Inotify, RemovingAWatchSaysSo) {
  put("file", "x");
  Inotify in;
  const int watch = in.watch("file");
  EXPECT_OK(inotify_rm_watch(in.fd, watch));
  EXPECT_EQ(in.story(), "ignored");
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(in.story(), "");
}

TEST(Inotify, OneShotTellsOnceAndEnds) {
  put("file", "x");
  Inotify in;
  const int watch = in.watch("file", IN_ATTRIB | IN_ONESHOT);
  EXPECT_OK(chmod("file", 0600));
  EXPECT_OK(chmod("file", 0644));
  EXPECT_EQ(in.story(), "attrib ignored");
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(in.fd, watch));
}

TEST(Inotify, MasksAreReplacedOrAddedTo) {
  put("file", "x");
  Inotify in;
  const int watch = in.watch("file", IN_ATTRIB);
  EXPECT_EQ(in.watch("file", IN_OPEN), watch);
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(in.story(), "");
  EXPECT_EQ(in.watch("file", IN_ATTRIB | IN_MASK_ADD), watch);
  EXPECT_OK(chmod("file", 0644));
  Fd fd{open("file", O_RDONLY)};
  EXPECT_EQ(in.story(), "attrib open");
  EXPECT_ERRNO(EEXIST, in.watch("file", IN_OPEN | IN_MASK_CREATE));
}

TEST(Inotify, LinksAreFollowedUnlessToldNot) {
  put("file", "x");
  symlink("file", "link");
  Inotify in;
  const int file = in.watch("file", IN_OPEN);
  EXPECT_EQ(in.watch("link", IN_OPEN), file);
  EXPECT_NE(in.watch("link", IN_OPEN | IN_DONT_FOLLOW), file);
}

TEST(Inotify, EqualEventsInARowAreOne) {
  put("file", "x");
  Inotify in;
  ASSERT_EQ(in.watch("file", IN_ATTRIB | IN_OPEN), 1);
  for (int i = 0; i < 5; ++i) EXPECT_OK(chmod("file", 0600));
  {
    Fd fd{open("file", O_RDONLY)};
  }
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(in.story(), "attrib open attrib");
}

TEST(Inotify, RemovedNamesCanBeExcluded) {
  put("file", "x");
  Inotify all, excluding;
  ASSERT_EQ(all.watch(".", IN_MODIFY), 1);
  ASSERT_EQ(excluding.watch(".", IN_MODIFY | IN_EXCL_UNLINK), 1);
  Fd fd{open("file", O_WRONLY)};
  EXPECT_OK(unlink("file"));
  ASSERT_EQ(write(fd, "y", 1), 1);
  EXPECT_EQ(all.story(), "modify:file");
  EXPECT_EQ(excluding.story(), "");
}

TEST(Inotify, ReadGivesWholeEventsOnly) {
  put("a-rather-long-name", "x");
  Inotify in;
  ASSERT_EQ(in.watch(".", IN_ATTRIB), 1);
  EXPECT_OK(chmod("a-rather-long-name", 0600));
  char buffer[256];
  int queued = 0;
  EXPECT_OK(ioctl(in.fd, FIONREAD, &queued));
  EXPECT_EQ(queued, 16 + 32) << "the name is padded to a multiple of 16";
  EXPECT_ERRNO(EINVAL, read(in.fd, buffer, 47));
  EXPECT_EQ(read(in.fd, buffer, sizeof buffer), 48);
  EXPECT_ERRNO(EAGAIN, read(in.fd, buffer, sizeof buffer));
  EXPECT_ERRNO(EBADF, write(in.fd, buffer, 1));
}

TEST(Inotify, OverflowIsTold) {
  put("a", "x");
  put("b", "x");
  Inotify in;
  ASSERT_EQ(in.watch(".", IN_ATTRIB), 1);
  const std::string limit = slurp("/proc/sys/fs/inotify/max_queued_events");
  EXPECT_EQ(limit, "16384\n");
  for (int i = 0; i < 8192 + 2; ++i) {
    chmod("a", 0600);
    chmod("b", 0600);
  }
  const auto events = in.events();
  ASSERT_EQ(events.size(), 16384u + 1);
  EXPECT_EQ(events.back().mask, static_cast<std::uint32_t>(IN_Q_OVERFLOW));
  EXPECT_EQ(events.back().watch, -1);
  chmod("a", 0600);
  EXPECT_EQ(in.story(), "attrib:a");
}

TEST(Inotify, PollAndEpollTell) {
  put("file", "x");
  Inotify in;
  Epoll epoll;
  ASSERT_EQ(in.watch("file", IN_ATTRIB), 1);
  EXPECT_OK(epoll.add(in.fd, EPOLLIN | EPOLLOUT | EPOLLET));
  EXPECT_EQ(epoll.only(), 0u);
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(epoll.only(), EPOLLIN);
  pollfd entry{in.fd, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 0), 1);
  in.story();
  EXPECT_EQ(poll(&entry, 1, 0), 0);
}

TEST(Inotify, ABlockedReaderIsWoken) {
  put("file", "x");
  Fd in{inotify_init1(0)};
  ASSERT_EQ(inotify_add_watch(in, "file", IN_ATTRIB), 1);
  const pid_t parent = getpid();
  const pid_t pid = spawn([&] {
    await_state(parent, 'S');
    chmod("file", 0600);
  });
  inotify_event event;
  EXPECT_EQ(read(in, &event, sizeof event), static_cast<ssize_t>(sizeof event));
  EXPECT_EQ(event.mask, static_cast<std::uint32_t>(IN_ATTRIB));
  EXPECT_EQ(reap(pid), 0);
}

TEST(Inotify, UnmountingEndsTheWatches) {
  mkdir("mnt", 0755);
  ASSERT_OK(mount("none", "mnt", "tmpfs", 0, nullptr));
  Inotify in;
  put("mnt/file", "x");
  ASSERT_EQ(in.watch("mnt/file"), 1);
  ASSERT_OK(umount("mnt"));
  pollfd entry{in.fd, POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, -1), 1);
  EXPECT_EQ(in.story(), "unmount ignored");
}

TEST(Inotify, ManyInstancesHearTheSame) {
  put("file", "x");
  Inotify in[3];
  for (const Inotify& i : in) ASSERT_EQ(i.watch("file", IN_ATTRIB), 1);
  in[1].fd.reset();
  EXPECT_OK(chmod("file", 0600));
  EXPECT_EQ(in[0].story(), "attrib");
  EXPECT_EQ(in[2].story(), "attrib");
}

TEST(Inotify, RunningAProgramOpensIt) {
  Inotify in;
  ASSERT_GE(in.watch("/bin/busybox", IN_OPEN | IN_CLOSE), 1);
  EXPECT_EQ(in_child([] { execl("/bin/busybox", "true", nullptr); }), 0);
  EXPECT_EQ(in.story(), "open close");
}

TEST(Inotify, LooksLikeAnAnonymousInode) {
  Inotify in;
  char link[64] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(in.fd)).c_str(), link, sizeof link - 1), 0);
  EXPECT_STREQ(link, "anon_inode:inotify");
  EXPECT_EQ(fcntl(in.fd, F_GETFL), O_NONBLOCK);
}
