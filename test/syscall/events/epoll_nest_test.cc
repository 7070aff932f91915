/// Epoll instances that watch each other.
#include <poll.h>

#include "epoll.h"

using namespace systest;

TEST(EpollNest, AnInstanceIsReadyWhenSomethingInItIs) {
  Epoll outer, inner;
  Fd event{eventfd(0, 0)};
  EXPECT_OK(inner.add(event, EPOLLIN));
  EXPECT_OK(outer.add(inner.fd, EPOLLIN));
  pollfd entry{inner.fd, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&entry, 1, 0), 0);
  EXPECT_EQ(outer.only(), 0u);
  bump(event);
  EXPECT_EQ(poll(&entry, 1, 0), 1);
  EXPECT_EQ(entry.revents, POLLIN);
  EXPECT_EQ(outer.only(), EPOLLIN);
  EXPECT_EQ(inner.only(), EPOLLIN);
  drain(event);
  EXPECT_EQ(outer.only(), 0u);
  EXPECT_EQ(poll(&entry, 1, 0), 0);
}

TEST(EpollNest, AReadyInstanceIsReadyWhenAdded) {
  Epoll outer, inner;
  Fd event{eventfd(1, 0)};
  EXPECT_OK(inner.add(event, EPOLLIN));
  EXPECT_OK(outer.add(inner.fd, EPOLLIN | EPOLLET));
  EXPECT_EQ(outer.only(), EPOLLIN);
  EXPECT_EQ(outer.only(), 0u);
  bump(event);
  EXPECT_EQ(outer.only(), EPOLLIN);
}

TEST(EpollNest, LoopsAreRefused) {
  Epoll a, b, c;
  EXPECT_OK(a.add(b.fd, EPOLLIN));
  EXPECT_ERRNO(ELOOP, b.add(a.fd, EPOLLIN));
  EXPECT_OK(b.add(c.fd, EPOLLIN));
  EXPECT_ERRNO(ELOOP, c.add(a.fd, EPOLLIN));
  EXPECT_OK(a.remove(b.fd));
  EXPECT_OK(c.add(a.fd, EPOLLIN));
}

TEST(EpollNest, ChainsHaveALimit) {
  Epoll chain[8];
  int longest = 0;
  while (longest < 7 && chain[longest + 1].add(chain[longest].fd, EPOLLIN) == 0) ++longest;
  EXPECT_EQ(longest, 4);
  EXPECT_ERRNO(ELOOP, chain[longest + 1].add(chain[longest].fd, EPOLLIN));
  Fd event{eventfd(1, 0)};
  EXPECT_OK(chain[0].add(event, EPOLLIN));
  EXPECT_EQ(chain[longest].only(), EPOLLIN);
}

TEST(EpollNest, ManyWaysToOneInstance) {
  Epoll top, middle[3], bottom;
  for (Epoll& m : middle) {
    EXPECT_OK(top.add(m.fd, EPOLLIN));
    EXPECT_OK(m.add(bottom.fd, EPOLLIN));
  }
  EXPECT_ERRNO(ELOOP, bottom.add(top.fd, EPOLLIN));
  Fd event{eventfd(1, 0)};
  EXPECT_OK(bottom.add(event, EPOLLIN));
  EXPECT_EQ(top.ready().size(), 3u);
}

TEST(EpollNest, ClosingTheInnerInstanceRemovesIt) {
  Epoll outer;
  Fd event{eventfd(1, 0)};
  {
    Epoll inner;
    EXPECT_OK(inner.add(event, EPOLLIN));
    EXPECT_OK(outer.add(inner.fd, EPOLLIN));
    EXPECT_EQ(outer.only(), EPOLLIN);
  }
  EXPECT_EQ(outer.only(), 0u);
}
