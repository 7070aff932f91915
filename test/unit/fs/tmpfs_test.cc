#include <linux/falloc.h>
#include <linux/fs.h>

#include "arch/host/fake_user_memory.h"
#include "fs/vfs/regular_node.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"
#include "mm/phys/page_alloc.h"
#include "test/unit/support/frames.h"
#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using k::Errno;
using k::IoBuffer;
using k::test::VfsTest;
using k::test::write_text;

namespace {

struct TmpfsTest : VfsTest {};

TEST_F(TmpfsTest, WhatIsWrittenIsReadBack) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += static_cast<char>('a' + i % 26);
  EXPECT_OK(write_file("f", text));
  EXPECT_EQ(read_file("f"), text);
  EXPECT_EQ(find("f")->inode().size(), text.size());
  EXPECT_EQ(find("f")->inode().blocks(), 5u * 8);
}

TEST_F(TmpfsTest, AHoleReadsAsZerosAndTakesNoPage) {
  auto file = open("f", O_RDWR | O_CREAT).value();
  IoBuffer one = IoBuffer::kernel(std::as_bytes(std::span{"x", 1}));
  EXPECT_EQ(file->write_at(one, {.offset = 1 << 20}).value(), 1u);
  EXPECT_EQ(file->inode().size(), (1u << 20) + 1);
  EXPECT_EQ(file->inode().blocks(), 8u);
  const std::string content = k::test::read_all(*file);
  EXPECT_EQ(content, std::string(1 << 20, '\0') + "x");
}

TEST_F(TmpfsTest, SeekFindsDataAndHoles) {
  auto file = open("f", O_RDWR | O_CREAT).value();
  IoBuffer one = IoBuffer::kernel(std::as_bytes(std::span{"x", 1}));
  EXPECT_OK(file->write_at(one, {.offset = 3 * 4096 + 5}));
  EXPECT_EQ(file->move_position(0, fs::Whence::data).value(), 3u * 4096);
  EXPECT_EQ(file->move_position(0, fs::Whence::hole).value(), 0u);
  EXPECT_EQ(file->move_position(3 * 4096 + 1, fs::Whence::hole).value(), 3u * 4096 + 6);
  EXPECT_ERRNO(file->move_position(3 * 4096 + 6, fs::Whence::data), nxio);
}

TEST_F(TmpfsTest, TruncatingAndGrowingAgainGivesZeros) {
  EXPECT_OK(write_file("f", std::string(5000, 'x')));
  auto file = open("f", O_RDWR).value();
  EXPECT_OK(fs::truncate(file->inode(), *who_, 100, INT64_MAX));
  EXPECT_OK(fs::truncate(file->inode(), *who_, 6000, INT64_MAX));
  EXPECT_EQ(read_file("f"), std::string(100, 'x') + std::string(5900, '\0'));
}

TEST_F(TmpfsTest, PunchingAHoleKeepsTheSize) {
  EXPECT_OK(write_file("f", std::string(20'000, 'x')));
  fs::Inode& inode = find("f")->inode();
  fs::RegularNode& node = *inode.regular();
  {
    k::sync::LockHeld held{node.data_lock()};
    EXPECT_OK(node.fallocate({FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 15'000}));
  }
  EXPECT_EQ(read_file("f"), std::string(100, 'x') + std::string(15'000, '\0') + std::string(4900, 'x'));
  EXPECT_EQ(inode.blocks(), 3u * 8);
}

TEST_F(TmpfsTest, PunchingWholePagesGivesThemBack) {
  EXPECT_OK(write_file("f", std::string(8192, 'x')));
  fs::RegularNode& node = *find("f")->inode().regular();
  k::mm::Frame* const first = node.pages().find(0);
  ASSERT_NE(first, nullptr);
  {
    k::sync::LockHeld held{node.data_lock()};
    EXPECT_OK(node.fallocate({FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 8192}));
  }
  for (int tries = 0; first->references.load() != 1 && tries < 100; ++tries) k::sync::rcu::barrier();
  EXPECT_EQ(first->references.load(), 1u) << "the test's own";
  k::mm::put_frame(*first);
}

TEST_F(TmpfsTest, AppendGoesToTheEndWhereverThePositionIs) {
  EXPECT_OK(write_file("f", "one"));
  auto file = open("f", O_WRONLY | O_APPEND).value();
  EXPECT_OK(write_text(*file, "two"));
  EXPECT_EQ(read_file("f"), "onetwo");
  EXPECT_EQ(file->position(), 6u);
}

TEST_F(TmpfsTest, AFullFileSystemSaysNoSpaceAndRecovers) {
  fs_ = k::test::fresh_tmpfs("size=16k,nr_inodes=4,mode=755");
  auto file = open("f", O_RDWR | O_CREAT).value();
  EXPECT_EQ(write_text(*file, std::string(20'000, 'x')).value(), 16'384u);
  EXPECT_ERRNO(write_text(*file, "y"), nospc);
  EXPECT_OK(fs::truncate(file->inode(), *who_, 0, INT64_MAX));
  IoBuffer again = IoBuffer::kernel(std::as_bytes(std::span{"z", 1}));
  EXPECT_EQ(file->write_at(again, {}).value(), 1u);
  EXPECT_OK(mkdir("d"));
  EXPECT_OK(mkdir("e"));
  EXPECT_ERRNO(mkdir("g"), nospc);
  EXPECT_OK(rmdir("e"));
  EXPECT_OK(mkdir("g"));
}

TEST_F(TmpfsTest, BadMountOptionsAreRefused) {
  const auto mount = [](std::string_view options) {
    return fs::FilesystemType::find("tmpfs")->mount({.options = options});
  };
  EXPECT_ERRNO(mount("size=abc"), inval);
  EXPECT_ERRNO(mount("size="), inval);
  EXPECT_ERRNO(mount("mode=9"), inval);
  EXPECT_ERRNO(mount("nonsense=1"), inval);
  EXPECT_ERRNO(mount("size=99999999999g"), inval);
  EXPECT_OK(mount("size=10%,uid=3,gid=4,,nr_inodes=1k"));
}

TEST_F(TmpfsTest, LinksCountNames) {
  EXPECT_OK(write_file("f", "x"));
  EXPECT_OK(link("f", "g"));
  EXPECT_EQ(links_of("f"), 2u);
  EXPECT_OK(unlink("f"));
  EXPECT_EQ(links_of("g"), 1u);
  EXPECT_EQ(read_file("g"), "x");
  EXPECT_OK(mkdir("d"));
  EXPECT_OK(mkdir("d/e"));
  EXPECT_EQ(links_of("d"), 3u);
  EXPECT_ERRNO(link("d", "h"), perm);
  EXPECT_OK(rmdir("d/e"));
  EXPECT_EQ(links_of("d"), 2u);
}

TEST_F(TmpfsTest, AnUnlinkedFileLivesWhileItIsOpen) {
  EXPECT_OK(write_file("f", "still here"));
  auto file = open("f", O_RDONLY).value();
  EXPECT_OK(unlink("f"));
  EXPECT_ERRNO(find("f"), noent);
  EXPECT_EQ(file->inode().links(), 0u);
  EXPECT_EQ(k::test::read_all(*file), "still here");
}

TEST_F(TmpfsTest, ReadingADirectoryResumesAcrossChanges) {
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_OK(write_file(name, ""));
  auto directory = open(".", O_RDONLY | O_DIRECTORY).value();
  EXPECT_EQ(names_in(*directory), (std::vector<std::string>{".", "..", "a", "b", "c", "d"}));
  EXPECT_OK(write_file("e", ""));
  EXPECT_OK(unlink("a"));
  EXPECT_EQ(names_in(*directory), (std::vector<std::string>{"e"}));
  EXPECT_OK(directory->move_position(0, fs::Whence::set));
  EXPECT_EQ(names_in(*directory), (std::vector<std::string>{".", "..", "b", "c", "d", "e"}));
}

TEST_F(TmpfsTest, ARemovedDirectoryTakesNoEntries) {
  EXPECT_OK(mkdir("d"));
  auto directory = open("d", O_RDONLY | O_DIRECTORY).value();
  EXPECT_OK(rmdir("d"));
  const fs::WalkBase inside{directory->path()};
  EXPECT_ERRNO(fs::make_directory(context(), inside, "x", 0755), noent);
  EXPECT_ERRNO(fs::open(context(), inside, "x", {.flags = k::lib::Flags{O_CREAT | O_WRONLY}, .mode = 0644}), noent);
}

TEST_F(TmpfsTest, RenameMovesReplacesAndExchanges) {
  EXPECT_OK(mkdir("d"));
  EXPECT_OK(write_file("a", "A"));
  EXPECT_OK(write_file("d/b", "B"));
  EXPECT_OK(rename("a", "d/a"));
  EXPECT_EQ(read_file("d/a"), "A");
  EXPECT_OK(rename("d/a", "d/b"));
  EXPECT_EQ(read_file("d/b"), "A");
  EXPECT_OK(write_file("c", "C"));
  EXPECT_OK(rename("c", "d/b", RENAME_EXCHANGE));
  EXPECT_EQ(read_file("c"), "A");
  EXPECT_EQ(read_file("d/b"), "C");
  EXPECT_ERRNO(rename("c", "d/b", RENAME_NOREPLACE), exist);
  EXPECT_ERRNO(rename("c", "nowhere", RENAME_EXCHANGE), noent);
  EXPECT_ERRNO(rename("c", "d", 0), isdir);
  EXPECT_ERRNO(rename("d", "c", 0), notdir);
  EXPECT_OK(mkdir("d/e"));
  EXPECT_ERRNO(rename("d", "d/e/f"), inval);
  EXPECT_ERRNO(rename("d/e", "d"), notempty);
  EXPECT_ERRNO(rename(".", "x"), busy);
  EXPECT_EQ(links_of("d"), 3u);
  EXPECT_OK(rename("d/e", "e"));
  EXPECT_EQ(links_of("d"), 2u);
}

TEST_F(TmpfsTest, AFileWithoutANameCanGetOne) {
  auto file = open(".", O_RDWR | (O_TMPFILE)).value();
  EXPECT_EQ(file->inode().links(), 0u);
  EXPECT_OK(write_text(*file, "hidden"));
  EXPECT_EQ(names_in("."), (std::vector<std::string>{".", ".."}));
  EXPECT_OK(fs::link(context(), fs::PathRef::share(file->path()), here(), "shown"));
  EXPECT_EQ(read_file("shown"), "hidden");
  EXPECT_EQ(links_of("shown"), 1u);
}

TEST_F(TmpfsTest, AFaultInTheMiddleOfAWriteLeavesWhatCameBefore) {
  k::test::use_host_ram();
  auto file = open("f", O_RDWR | O_CREAT).value();
  k::arch::host::FakeUserMemory user{std::string_view{"0123456789"}};
  user.fault_at(4);
  IoBuffer from = IoBuffer::user(user.base(), 10);
  EXPECT_EQ(file->write_next(from, {}).value(), 4u);
  EXPECT_EQ(read_file("f"), "0123");
  user.fault_at(0);
  IoBuffer bad = IoBuffer::user(user.base(), 10);
  EXPECT_ERRNO(file->write_next(bad, {}), fault);
}

}  // namespace
