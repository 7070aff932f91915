/// What a user may have of inotify: /proc/sys/fs/inotify. Source: inotify(7), "/proc interfaces".
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <functional>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/setting.h"

using namespace systest;

namespace {

/// As root and as somebody else: privilege does not help.
void as_both(const std::function<void()>& body) {
  EXPECT_EQ(in_child(body), 0);
  EXPECT_EQ(as_user(body), 0);
}

}  // namespace

TEST(InotifyLimits, InstancesOfAUser) {
  const Setting most{"fs/inotify/max_user_instances"};
  EXPECT_EQ(most.read(), "128\n");
  ASSERT_OK(most.set("2"));
  as_both([] {
    Fd one{inotify_init1(0)}, two{inotify_init1(0)};
    ASSERT_OK((int)two);
    EXPECT_ERRNO(EMFILE, inotify_init1(0));
    const Fd twin{dup(one)};
    one.reset();
    EXPECT_ERRNO(EMFILE, inotify_init1(0)) << "still open";
    two.reset();
    EXPECT_OK(Fd{inotify_init1(0)});
  });
}

TEST(InotifyLimits, InstancesCountForWhoMadeThem) {
  const Setting most{"fs/inotify/max_user_instances"};
  ASSERT_OK(most.set("1"));
  const Fd roots{inotify_init1(0)};
  ASSERT_OK((int)roots);
  EXPECT_ERRNO(EMFILE, inotify_init1(0));
  EXPECT_EQ(as_user([] {
              EXPECT_OK(inotify_init1(0));
              EXPECT_ERRNO(EMFILE, inotify_init1(0));
            }),
            0);
  EXPECT_EQ(in_child([] { EXPECT_ERRNO(EMFILE, inotify_init1(0)); }), 0);
}

TEST(InotifyLimits, WatchesOfAUser) {
  put("a", "", 0666);
  put("b", "", 0666);
  put("c", "", 0666);
  ASSERT_OK(chmod(".", 0777));
  const Setting most{"fs/inotify/max_user_watches"};
  EXPECT_GE(std::stol(most.read()), 8192);
  ASSERT_OK(most.set("2"));
  as_both([] {
    const Fd one{inotify_init1(0)}, two{inotify_init1(0)};
    const int watch = inotify_add_watch(one, "a", IN_OPEN);
    ASSERT_OK(watch);
    ASSERT_OK(inotify_add_watch(two, "b", IN_OPEN));
    EXPECT_ERRNO(ENOSPC, inotify_add_watch(two, "c", IN_OPEN));
    EXPECT_OK(inotify_add_watch(one, "a", IN_CLOSE)) << "a change of one that is there";
    ASSERT_OK(inotify_rm_watch(one, watch));
    EXPECT_OK(inotify_add_watch(two, "c", IN_OPEN));
    EXPECT_ERRNO(ENOSPC, inotify_add_watch(one, "a", IN_OPEN));
  });
}

TEST(InotifyLimits, AWatchThatEndsByItselfIsCountedNoMore) {
  put("a", "");
  put("b", "");
  const Setting most{"fs/inotify/max_user_watches"};
  ASSERT_OK(most.set("1"));
  const Fd fd{inotify_init1(0)};
  ASSERT_OK(inotify_add_watch(fd, "a", IN_OPEN));
  EXPECT_ERRNO(ENOSPC, inotify_add_watch(fd, "b", IN_OPEN));
  ASSERT_OK(unlink("a"));
  EXPECT_OK(inotify_add_watch(fd, "b", IN_OPEN | IN_ONESHOT));
  EXPECT_OK(Fd{open("b", O_RDONLY)});
  EXPECT_OK(inotify_add_watch(fd, "b", IN_OPEN));
}

TEST(InotifyLimits, ClosingGivesAllWatchesBack) {
  put("a", "");
  const Setting most{"fs/inotify/max_user_watches"};
  ASSERT_OK(most.set("1"));
  for (int i = 0; i < 3; ++i) {
    const Fd fd{inotify_init1(0)};
    EXPECT_OK(inotify_add_watch(fd, "a", IN_OPEN));
  }
}

TEST(InotifyLimits, QueuedEventsOfAnInstanceMadeSince) {
  put("a", "");
  put("b", "");
  const Setting most{"fs/inotify/max_queued_events"};
  EXPECT_EQ(most.read(), "16384\n");
  const Fd before{inotify_init1(IN_NONBLOCK)};
  ASSERT_OK(most.set("3"));
  const Fd since{inotify_init1(IN_NONBLOCK)};
  ASSERT_OK(inotify_add_watch(before, ".", IN_ATTRIB));
  ASSERT_OK(inotify_add_watch(since, ".", IN_ATTRIB));
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(chmod("a", 0600));
    ASSERT_OK(chmod("b", 0600));
  }
  constexpr std::size_t kHead = sizeof(inotify_event), kEvent = kHead + 16;  // with a short name
  EXPECT_EQ(read_some(before).size(), 6 * kEvent);
  const std::string events = read_some(since);
  ASSERT_EQ(events.size(), 3 * kEvent + kHead);
  inotify_event last;
  memcpy(&last, events.data() + 3 * kEvent, kHead);
  EXPECT_EQ(last.mask, static_cast<std::uint32_t>(IN_Q_OVERFLOW));
}

TEST(InotifyLimits, AreNumbers) {
  for (const char* name : {"max_user_instances", "max_user_watches", "max_queued_events"}) {
    const Setting most{std::string{"fs/inotify/"} + name};
    EXPECT_ERRNO(EINVAL, most.set("-1")) << name;
    EXPECT_ERRNO(EINVAL, most.set("2147483648")) << name;
    EXPECT_OK(most.set("0")) << name;
    EXPECT_OK(most.set("2147483647")) << name;
  }
}
