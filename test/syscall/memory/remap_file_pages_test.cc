/// remap_file_pages(2), which Linux makes out of mappings since 4.0.
#include <sys/mman.h>
#include <unistd.h>

#include "support/check.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr size_t kPage = 4096;

/// A shared mapping of a file whose page n starts with the letter 'a' + n.
struct RemapFilePages : testing::Test {
  void SetUp() override {
    file = Fd{memfd_create("pages", MFD_CLOEXEC)};
    for (char n = 0; n < 8; ++n) {
      const std::string page(kPage, (char)('a' + n));
      ASSERT_EQ(pwrite(file, page.data(), kPage, n * (off_t)kPage), (ssize_t)kPage);
    }
    at = (char*)mmap(nullptr, 8 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ASSERT_NE(at, MAP_FAILED);
  }
  std::string shown() const {
    std::string s;
    for (int n = 0; n < 8; ++n) s += at[n * kPage];
    return s;
  }
  static int remap(void* from, size_t bytes, int protection, size_t page, int flags = 0) {
    return (int)syscall(SYS_remap_file_pages, from, bytes, protection, page, flags);
  }
  Fd file;
  char* at = nullptr;
};

}  // namespace

TEST_F(RemapFilePages, ShowsOtherPagesOfTheFile) {
  EXPECT_OK(remap(at, 2 * kPage, 0, 6));
  EXPECT_EQ(shown(), "ghcdefgh");
  EXPECT_OK(remap(at + 7 * kPage, kPage, 0, 0, MAP_NONBLOCK));
  EXPECT_EQ(shown(), "ghcdefga");
  at[0] = 'X';
  EXPECT_EQ(at[6 * kPage], 'X') << "shared with the file";
  char byte;
  EXPECT_EQ(pread(file, &byte, 1, 6 * kPage), 1);
  EXPECT_EQ(byte, 'X');
}

TEST_F(RemapFilePages, RoundsTheRange) {
  EXPECT_OK(remap(at + 100, kPage + 5, 0, 4));
  EXPECT_EQ(shown(), "ebcdefgh") << "the start goes down to its page, and the length too";
}

TEST_F(RemapFilePages, KeepsTheProtection) {
  ASSERT_OK(mprotect(at, kPage, PROT_READ));
  EXPECT_OK(remap(at, kPage, 0, 3));
  EXPECT_EQ(shown(), "dbcdefgh");
  int ends[2];
  ASSERT_OK(pipe(ends));
  EXPECT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_ERRNO(EFAULT, read(ends[0], at, 1)) << "it is read-only still";
}

TEST_F(RemapFilePages, RefusesWhatItCannotDo) {
  EXPECT_ERRNO(EINVAL, remap(at, kPage, PROT_READ, 1)) << "the protection has to be 0";
  EXPECT_ERRNO(EINVAL, remap(at, 0, 0, 1));
  EXPECT_ERRNO(EINVAL, remap(at, 16 * kPage, 0, 0)) << "beyond the mapping";
  EXPECT_ERRNO(EINVAL, remap(at, kPage, 0, ~size_t{0}));
  void* const own = mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE, file, 0);
  EXPECT_ERRNO(EINVAL, remap(own, kPage, 0, 1)) << "a private mapping";
  munmap(own, kPage);
  EXPECT_ERRNO(EINVAL, remap(own, kPage, 0, 1)) << "none";
}
