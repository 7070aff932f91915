#include "fs/vfs/regular_file.h"
#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using k::test::VfsTest;

namespace {

struct OpenTest : VfsTest {};

TEST_F(OpenTest, CreatesOnceWithExclusive) {
  EXPECT_OK(open("f", O_CREAT | O_EXCL | O_WRONLY));
  EXPECT_ERRNO(open("f", O_CREAT | O_EXCL | O_WRONLY), exist);
  EXPECT_OK(open("f", O_CREAT | O_WRONLY));
  EXPECT_OK(symlink("nowhere", "l"));
  EXPECT_ERRNO(open("l", O_CREAT | O_EXCL | O_WRONLY), exist);
}

TEST_F(OpenTest, CreatesBehindADanglingLink) {
  EXPECT_OK(mkdir("d"));
  EXPECT_OK(symlink("d/target", "l"));
  EXPECT_OK(symlink("l", "ll"));
  EXPECT_ERRNO(open("ll", O_RDONLY), noent);
  EXPECT_OK(open("ll", O_CREAT | O_WRONLY));
  EXPECT_OK(find("d/target"));
  EXPECT_ERRNO(open("ll", O_RDONLY | O_NOFOLLOW), loop);
  EXPECT_OK(open("ll", O_PATH | O_NOFOLLOW));
}

TEST_F(OpenTest, TheUmaskTakesBitsAway) {
  fs_->set_umask(027);
  EXPECT_OK(open("f", O_CREAT | O_WRONLY, 0666));
  EXPECT_EQ(mode_of("f") & 07777, 0640u);
  EXPECT_OK(mkdir("d", 0777));
  EXPECT_EQ(mode_of("d") & 07777, 0750u);
}

TEST_F(OpenTest, DirectoriesAreReadOnly) {
  EXPECT_OK(mkdir("d"));
  EXPECT_ERRNO(open("d", O_WRONLY), isdir);
  EXPECT_ERRNO(open("d", O_RDWR), isdir);
  EXPECT_ERRNO(open("d", O_CREAT | O_RDONLY), isdir);
  EXPECT_ERRNO(open("d", O_CREAT | O_EXCL), exist);
  auto directory = open("d", O_RDONLY).value();
  std::array<std::byte, 1> byte;
  k::IoBuffer to = k::IoBuffer::kernel(std::span<std::byte>{byte});
  EXPECT_ERRNO(directory->read_next(to), isdir);
  EXPECT_OK(write_file("f", ""));
  EXPECT_ERRNO(open("f", O_RDONLY | O_DIRECTORY), notdir);
}

TEST_F(OpenTest, AModeThatWasNotAskedForIsRefused) {
  EXPECT_OK(write_file("f", "abc"));
  auto reader = open("f", O_RDONLY).value();
  EXPECT_ERRNO(k::test::write_text(*reader, "x"), badf);
  auto writer = open("f", O_WRONLY).value();
  std::array<std::byte, 1> byte;
  k::IoBuffer to = k::IoBuffer::kernel(std::span<std::byte>{byte});
  EXPECT_ERRNO(writer->read_next(to), badf);
}

TEST_F(OpenTest, AProgramBeingRunCannotBeWritten) {
  EXPECT_OK(write_file("program", "x"));
  auto running = open("program", O_RDONLY).value();
  EXPECT_OK(running->inode().deny_writing());
  EXPECT_ERRNO(open("program", O_WRONLY), txtbsy);
  EXPECT_ERRNO(open("program", O_RDWR | O_TRUNC), txtbsy);
  EXPECT_OK(open("program", O_RDONLY));
  running->inode().allow_writing();
  auto writer = open("program", O_WRONLY).value();
  EXPECT_ERRNO(running->inode().deny_writing(), txtbsy);
  writer = running;
  EXPECT_OK(running->inode().deny_writing());
}

TEST_F(OpenTest, FileSizeLimitsCutAWriteAndThenRefuseIt) {
  auto file = open("f", O_CREAT | O_WRONLY).value();
  k::IoBuffer from = k::IoBuffer::kernel(std::as_bytes(std::span{"0123456789", 10}));
  EXPECT_EQ(file->write_next(from, {.max_size = 4}).value(), 4u);
  k::IoBuffer more = k::IoBuffer::kernel(std::as_bytes(std::span{"x", 1}));
  EXPECT_ERRNO(file->write_next(more, {.max_size = 4}), fbig);
}

TEST_F(OpenTest, SeekingRespectsItsLimits) {
  EXPECT_OK(write_file("f", "0123456789"));
  auto file = open("f", O_RDONLY).value();
  EXPECT_EQ(file->move_position(-3, fs::Whence::end).value(), 7u);
  EXPECT_EQ(file->move_position(2, fs::Whence::current).value(), 9u);
  EXPECT_ERRNO(file->move_position(-10, fs::Whence::current), inval);
  EXPECT_ERRNO(file->move_position(INT64_MAX, fs::Whence::current), inval);
  EXPECT_EQ(file->position(), 9u);
}

}  // namespace
