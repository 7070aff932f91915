/// move_pages(2) and migrate_pages(2) on a machine of one node.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "policy.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr Mask kNode0 = 1, kNode1 = 2, kBoth = 3;
constexpr int kUntold = 77;
constexpr pid_t kNobody = 999999;

/// What move_pages tells of one page.
int status_of(void* page, pid_t pid = 0) {
  int status = kUntold;
  EXPECT_OK(move_pages(pid, 1, &page, nullptr, &status));
  return status;
}
/// What it tells when that page shall go to node 0.
int status_moved(void* page, int flags = MPOL_MF_MOVE) {
  int status = kUntold;
  const int node = 0;
  EXPECT_OK(move_pages(0, 1, &page, &node, &status, flags));
  return status;
}

}  // namespace

TEST(MovePages, TellsTheNodeOfEachPage) {
  Pages pages{4};
  *pages.at(0) = 'x';
  (void)peek(pages.at(1));
  ASSERT_OK(munmap(pages.at(3), kPage));
  void* const asked[] = {pages.at(0), pages.at(0) + 100, pages.at(1), pages.at(2), pages.at(3), nullptr};
  int status[] = {kUntold, kUntold, kUntold, kUntold, kUntold, kUntold, kUntold};
  EXPECT_EQ(move_pages(0, 6, asked, nullptr, status), 0);
  EXPECT_EQ(status[0], 0);
  EXPECT_EQ(status[1], 0) << "any address within the page";
  EXPECT_EQ(status[2], -EFAULT) << "the zero page";
  EXPECT_EQ(status[3], -EFAULT) << "anonymous and never touched";
  EXPECT_EQ(status[4], -EFAULT) << "not mapped";
  EXPECT_EQ(status[5], -EFAULT);
  EXPECT_EQ(status[6], kUntold);
}

TEST(MovePages, PageOfAFileIsMissingUntilTouched) {
  put("file", std::string(2 * kPage, 'f'));
  Fd fd{open("file", O_RDWR)};
  char* const p = static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_OK(p);
  EXPECT_EQ(status_of(p), -ENOENT);
  EXPECT_EQ(status_moved(p), -ENOENT);
  poke(p, 'g');
  EXPECT_EQ(status_of(p), 0);
  EXPECT_EQ(status_moved(p), 0);
  munmap(p, 2 * kPage);
}

TEST(MovePages, PageWithoutAccessIsMissing) {
  Pages pages{1};
  *pages.at() = 'x';
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_NONE));
  EXPECT_EQ(status_of(pages.at()), -ENOENT);
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  EXPECT_EQ(status_of(pages.at()), 0);
}

TEST(MovePages, ToWhereItIsKeepsThePage) {
  Pages pages{2};
  *pages.at() = 'x';
  EXPECT_EQ(status_moved(pages.at()), 0);
  EXPECT_EQ(status_moved(pages.at(), MPOL_MF_MOVE_ALL), 0);
  EXPECT_EQ(status_moved(pages.at(), 0), 0);
  EXPECT_EQ(status_moved(pages.at(1)), -EFAULT);
  EXPECT_EQ(*pages.at(), 'x');
}

TEST(MovePages, StopsAtANodeThatIsNotThere) {
  Pages pages{3};
  for (int i : {0, 1, 2}) *pages.at(i) = 'x';
  void* const asked[] = {pages.at(0), pages.at(1), pages.at(2)};
  for (int missing : {1, -1, 1 << 20}) {
    const int nodes[] = {0, missing, 0};
    int status[] = {kUntold, kUntold, kUntold};
    EXPECT_ERRNO(ENODEV, move_pages(0, 3, asked, nodes, status, MPOL_MF_MOVE));
    EXPECT_EQ(status[0], 0);
    EXPECT_EQ(status[1], kUntold);
    EXPECT_EQ(status[2], kUntold);
  }
}

TEST(MovePages, RefusesBadArguments) {
  Pages pages{1};
  *pages.at() = 'x';
  void* page = pages.at();
  const int node = 0;
  int status;
  EXPECT_ERRNO(EINVAL, move_pages(0, 1, &page, nullptr, &status, MPOL_MF_STRICT));
  EXPECT_ERRNO(EFAULT, move_pages(0, 1, reinterpret_cast<void**>(8), nullptr, &status));
  EXPECT_ERRNO(EFAULT, move_pages(0, 1, reinterpret_cast<void**>(8), &node, &status));
  EXPECT_ERRNO(EFAULT, move_pages(0, 1, &page, reinterpret_cast<int*>(8), &status));
  EXPECT_ERRNO(EFAULT, move_pages(0, 1, &page, nullptr, nullptr));
  EXPECT_ERRNO(EFAULT, move_pages(0, 1, &page, &node, nullptr));
  EXPECT_OK(move_pages(0, 0, nullptr, nullptr, nullptr)) << "nothing to tell";
}

TEST(MovePages, LooksIntoAnotherProcess) {
  Pages pages{2};
  *pages.at() = 'x';
  const Sleeper child;
  *pages.at(1) = 'y';
  EXPECT_EQ(status_of(pages.at(0), child), 0);
  EXPECT_EQ(status_of(pages.at(1), child), -EFAULT) << "only ours was touched";
}

TEST(MovePages, NeedsTheRightsOfATracer) {
  Pages pages{1};
  *pages.at() = 'x';
  void* page = pages.at();
  int status;
  EXPECT_ERRNO(ESRCH, move_pages(kNobody, 1, &page, nullptr, &status));
  const Sleeper roots{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 1)); }};
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EPERM, move_pages(roots, 1, &page, nullptr, &status));
              EXPECT_ERRNO(EPERM, move_pages(0, 1, &page, nullptr, &status, MPOL_MF_MOVE_ALL));
              EXPECT_OK(move_pages(getpid(), 1, &page, nullptr, &status, MPOL_MF_MOVE));
              const Sleeper own{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 1)); }},
                  hidden{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 0)); }};
              EXPECT_OK(move_pages(own, 1, &page, nullptr, &status));
              EXPECT_ERRNO(EPERM, move_pages(hidden, 1, &page, nullptr, &status));
            }),
            0);
}

TEST(MovePages, ZombieHasNoMemory) {
  void* page = nullptr;
  int status;
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  EXPECT_ERRNO(EINVAL, move_pages(pid, 1, &page, nullptr, &status));
  EXPECT_ERRNO(EINVAL, migrate_pages(pid, kMaskBits, &kNode0, &kNode0));
  reap(pid);
}

TEST(MigratePages, HasNowhereElseToGo) {
  Pages pages{1};
  *pages.at() = 'x';
  EXPECT_EQ(migrate_pages(0, kMaskBits, &kNode0, &kNode0), 0);
  EXPECT_EQ(migrate_pages(getpid(), kMaskBits, &kBoth, &kNode0), 0);
  EXPECT_EQ(migrate_pages(0, kMaskBits, &kNode1, &kBoth), 0);
  EXPECT_EQ(migrate_pages(0, kMaskBits, nullptr, &kNode0), 0);
  EXPECT_EQ(*pages.at(), 'x');
}

TEST(MigratePages, RefusesBadArguments) {
  EXPECT_ERRNO(EINVAL, migrate_pages(0, kMaskBits, &kNode0, &kNode1)) << "no such node";
  EXPECT_ERRNO(EINVAL, migrate_pages(0, kMaskBits, &kNode0, nullptr));
  EXPECT_ERRNO(EINVAL, migrate_pages(0, 0, &kNode0, &kNode0));
  EXPECT_ERRNO(EFAULT, migrate_pages(0, kMaskBits, reinterpret_cast<Mask*>(8), &kNode0));
  EXPECT_ERRNO(EFAULT, migrate_pages(0, kMaskBits, &kNode0, reinterpret_cast<Mask*>(8)));
  EXPECT_ERRNO(ESRCH, migrate_pages(kNobody, kMaskBits, &kNode0, &kNode0));
}

TEST(MigratePages, NeedsTheRightsOfATracer) {
  const Sleeper roots{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 1)); }};
  EXPECT_EQ(migrate_pages(roots, kMaskBits, &kNode0, &kNode0), 0);
  EXPECT_EQ(as_user([&] {
              EXPECT_ERRNO(EPERM, migrate_pages(roots, kMaskBits, &kNode0, &kNode0));
              EXPECT_EQ(migrate_pages(0, kMaskBits, &kNode0, &kNode0), 0);
              EXPECT_ERRNO(EPERM, migrate_pages(0, kMaskBits, &kNode0, &kBoth)) << "beyond the nodes it may use";
              const Sleeper own{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 1)); }},
                  hidden{[] { ASSERT_OK(prctl(PR_SET_DUMPABLE, 0)); }};
              EXPECT_EQ(migrate_pages(own, kMaskBits, &kNode0, &kNode0), 0);
              EXPECT_ERRNO(EPERM, migrate_pages(hidden, kMaskBits, &kNode0, &kNode0));
            }),
            0);
}
