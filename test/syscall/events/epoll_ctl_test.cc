/// epoll_create(2), epoll_ctl(2): the interest list and its rules.
#include <fcntl.h>
#include <sys/syscall.h>

#include <string>

#include "epoll.h"
#include "support/child.h"

using namespace systest;

TEST(EpollCreate, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, syscall(SYS_epoll_create, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_epoll_create, -1));
  EXPECT_ERRNO(EINVAL, epoll_create1(1));
  Fd fd{static_cast<int>(syscall(SYS_epoll_create, 1))}, cloexec{epoll_create1(EPOLL_CLOEXEC)};
  EXPECT_EQ(fcntl(fd, F_GETFD), 0);
  EXPECT_EQ(fcntl(cloexec, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR);
}

TEST(EpollCreate, IsAnAnonymousInodeThatCannotBeRead) {
  Epoll epoll;
  char byte, link[64] = {};
  EXPECT_ERRNO(EINVAL, read(epoll.fd, &byte, 1));
  EXPECT_ERRNO(EINVAL, write(epoll.fd, "x", 1));
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(epoll.fd)).c_str(), link, sizeof link - 1), 0);
  EXPECT_STREQ(link, "anon_inode:[eventpoll]");
}

TEST(EpollCtl, AddsModifiesAndDeletesOnce) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_ERRNO(ENOENT, epoll.modify(event, EPOLLIN));
  EXPECT_ERRNO(ENOENT, epoll.remove(event));
  EXPECT_OK(epoll.add(event, EPOLLIN));
  EXPECT_ERRNO(EEXIST, epoll.add(event, EPOLLIN));
  EXPECT_OK(epoll.modify(event, EPOLLOUT));
  EXPECT_EQ(epoll.only(), EPOLLOUT);
  EXPECT_OK(epoll.remove(event));
  EXPECT_ERRNO(ENOENT, epoll.remove(event));
  EXPECT_EQ(epoll.only(), 0u);
}

TEST(EpollCtl, RefusesBadDescriptors) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  epoll_event wanted{EPOLLIN, {}};
  EXPECT_ERRNO(EBADF, epoll_ctl(999, EPOLL_CTL_ADD, event, &wanted));
  EXPECT_ERRNO(EBADF, epoll_ctl(epoll.fd, EPOLL_CTL_ADD, 999, &wanted));
  EXPECT_ERRNO(EINVAL, epoll_ctl(event, EPOLL_CTL_ADD, epoll.fd, &wanted));
  EXPECT_ERRNO(EINVAL, epoll_ctl(epoll.fd, EPOLL_CTL_ADD, epoll.fd, &wanted));
  EXPECT_ERRNO(EINVAL, epoll_ctl(epoll.fd, 77, event, &wanted));
  EXPECT_ERRNO(EFAULT, epoll_ctl(epoll.fd, EPOLL_CTL_ADD, event, nullptr));
}

TEST(EpollCtl, FilesThatNeverWaitAreEperm) {
  Epoll epoll;
  put("file", "x");
  Fd file{open("file", O_RDWR)}, directory{open(".", O_RDONLY)}, null{open("/dev/null", O_RDWR)};
  EXPECT_ERRNO(EPERM, epoll.add(file, EPOLLIN));
  EXPECT_ERRNO(EPERM, epoll.add(directory, EPOLLIN));
  EXPECT_ERRNO(EPERM, epoll.add(null, EPOLLIN));
  EXPECT_ERRNO(EPERM, epoll.remove(file));
}

TEST(EpollCtl, ADuplicateIsAnEntryOfItsOwn) {
  Epoll epoll;
  Fd event{eventfd(1, 0)}, copy{dup(event)};
  EXPECT_OK(epoll.add(event, EPOLLIN, 1));
  EXPECT_OK(epoll.add(copy, EPOLLIN, 2));
  EXPECT_EQ(epoll.ready().size(), 2u);
}

TEST(EpollCtl, ClosingTheLastDescriptorRemovesTheEntry) {
  Epoll epoll;
  Fd event{eventfd(1, 0)}, copy{dup(event)};
  EXPECT_OK(epoll.add(event, EPOLLIN, 1));
  event.reset();
  EXPECT_EQ(epoll.ready().size(), 1u) << "the description is still open";
  copy.reset();
  EXPECT_EQ(epoll.ready().size(), 0u);
}

TEST(EpollCtl, AReusedNumberIsADifferentEntry) {
  Epoll epoll;
  const int first = eventfd(1, 0);
  Fd keeper{dup(first)};
  EXPECT_OK(epoll.add(first, EPOLLIN, 1));
  close(first);
  const int second = eventfd(1, 0);
  ASSERT_EQ(first, second);
  EXPECT_OK(epoll.add(second, EPOLLIN, 2));
  EXPECT_EQ(epoll.ready().size(), 2u);
  EXPECT_OK(epoll.remove(second));
  EXPECT_ERRNO(ENOENT, epoll.remove(second));
  EXPECT_EQ(epoll.ready().at(0).data.u64, 1u);
  close(second);
}

TEST(EpollCtl, WakeUpIsIgnored) {
  Epoll epoll;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLWAKEUP));
  EXPECT_EQ(epoll.only(), EPOLLIN);
}

TEST(EpollCtl, RulesOfExclusive) {
  Epoll epoll, nested;
  Fd event{eventfd(0, 0)}, other{eventfd(0, 0)};
  EXPECT_ERRNO(EINVAL, epoll.add(event, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
  EXPECT_ERRNO(EINVAL, epoll.add(event, EPOLLPRI | EPOLLEXCLUSIVE));
  EXPECT_ERRNO(EINVAL, epoll.add(nested.fd, EPOLLIN | EPOLLEXCLUSIVE));
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLOUT | EPOLLET | EPOLLWAKEUP | EPOLLEXCLUSIVE));
  EXPECT_ERRNO(EINVAL, epoll.modify(event, EPOLLIN));
  EXPECT_OK(epoll.add(other, EPOLLIN));
  EXPECT_ERRNO(EINVAL, epoll.modify(other, EPOLLIN | EPOLLEXCLUSIVE));
  EXPECT_OK(epoll.remove(event));
}

TEST(EpollCtl, FdinfoListsTheEntries) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(epoll.add(event, EPOLLIN | EPOLLET, 0xabc));
  const std::string text = slurp(("/proc/self/fdinfo/" + std::to_string(epoll.fd)).c_str());
  char line[100];
  snprintf(line, sizeof line, "tfd: %8d events: %8x data: %16x  pos:0 ino:", static_cast<int>(event),
           EPOLLIN | EPOLLET | EPOLLERR | EPOLLHUP, 0xabc);
  EXPECT_NE(text.find(line), std::string::npos) << text;
}

TEST(EpollCtl, AnotherProcessSharesTheList) {
  Epoll epoll;
  Fd event{eventfd(0, 0)};
  EXPECT_EQ(in_child([&] { EXPECT_OK(epoll.add(event, EPOLLIN)); }), 0);
  bump(event);
  EXPECT_EQ(epoll.only(), EPOLLIN);
}

TEST(EpollCtl, AddedFromAChildsOwnFileGoesWithTheChild) {
  Epoll epoll;
  EXPECT_EQ(in_child([&] { EXPECT_OK(epoll.add(eventfd(1, 0), EPOLLIN)); }), 0);
  EXPECT_EQ(epoll.ready().size(), 0u);
}
