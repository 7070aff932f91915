/// User memory as the kernel itself touches it: demand-zero and copy-on-write pages as buffers of calls.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

TEST(KernelCopy, ReadFillsUntouchedPages) {
  put("file", std::string(3 * kPage, 'r'));
  Fd fd{open("file", O_RDONLY)};
  Pages pages{3};
  EXPECT_EQ(read(fd, pages.at(), pages.size()), (ssize_t)pages.size());
  EXPECT_EQ(pages.at(2)[kPage - 1], 'r');
}

TEST(KernelCopy, WriteFromUntouchedPagesWritesZeroes) {
  Pages pages{2};
  Fd fd{open("file", O_RDWR | O_CREAT, 0644)};
  EXPECT_EQ(write(fd, pages.at(), pages.size()), (ssize_t)pages.size());
  EXPECT_EQ(slurp("file"), std::string(2 * kPage, '\0'));
}

TEST(KernelCopy, ReadIntoACopyOnWritePageLeavesTheParentsAlone) {
  put("file", "child");
  Pages pages{1};
  strcpy(pages.at(), "parent");
  EXPECT_EQ(in_child([&] {
              Fd fd{open("file", O_RDONLY)};
              EXPECT_EQ(read(fd, pages.at(), 5), 5);
              EXPECT_STREQ(pages.at(), "childt");
            }),
            0);
  EXPECT_STREQ(pages.at(), "parent");
}

TEST(KernelCopy, ReadIntoReadOnlyMemoryIsEfault) {
  put("file", "data");
  Fd fd{open("file", O_RDONLY)};
  Pages pages{1, PROT_READ};
  EXPECT_ERRNO(EFAULT, read(fd, pages.at(), 4));
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0) << "nothing was consumed";
}

TEST(KernelCopy, WriteOfPartlyBadBufferWritesTheGoodPart) {
  Pages pages{2};
  memset(pages.at(), 'g', pages.size());
  ASSERT_OK(munmap(pages.at(1), kPage));
  Fd fd{open("file", O_RDWR | O_CREAT, 0644)};
  const ssize_t written = write(fd, pages.at(1) - 100, 200);
  EXPECT_EQ(written, 100);
  EXPECT_EQ(slurp("file"), std::string(100, 'g'));
}

TEST(KernelCopy, ReadIntoPartlyBadBufferReadsTheGoodPart) {
  put("file", std::string(200, 'g'));
  Fd fd{open("file", O_RDONLY)};
  Pages pages{2};
  ASSERT_OK(munmap(pages.at(1), kPage));
  EXPECT_EQ(read(fd, pages.at(1) - 100, 200), 100);
}

TEST(KernelCopy, PipeWriteFromBadBufferIsEfault) {
  auto pipe = make_pipe(O_NONBLOCK);
  Pages pages{1, PROT_NONE};
  EXPECT_ERRNO(EFAULT, write(pipe.write, pages.at(), 1));
  char byte;
  EXPECT_ERRNO(EAGAIN, read(pipe.read, &byte, 1));
}

TEST(KernelCopy, VectorWithABadElementMovesWhatComesBefore) {
  put("file", "abcdef");
  Fd fd{open("file", O_RDONLY)};
  char good[3];
  const iovec vector[] = {{good, 3}, {(void*)16, 3}};
  EXPECT_EQ(readv(fd, vector, 2), 3);
  EXPECT_EQ(std::string_view(good, 3), "abc");
}

TEST(KernelCopy, ZeroLengthNeverLooksAtThePointer) {
  Fd null{open("/dev/null", O_RDWR)};
  EXPECT_EQ(write(null, (void*)16, 0), 0);
  put("file", "x");
  Fd fd{open("file", O_RDWR)};
  EXPECT_EQ(read(fd, (void*)16, 0), 0);
  EXPECT_EQ(write(fd, (void*)16, 0), 0);
}
