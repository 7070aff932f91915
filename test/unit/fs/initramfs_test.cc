#include "fs/initramfs/initramfs.h"

#include <random>

#include "fs/initramfs/cpio.h"
#include "test/unit/support/vfs.h"

namespace fs = k::fs;
using k::test::VfsTest;

namespace {

std::string hex(std::uint32_t value) {
  char text[9];
  std::snprintf(text, sizeof text, "%08X", value);
  return text;
}

struct Entry {
  std::string name;
  std::uint32_t mode;
  std::string data = {};
  std::uint32_t inode = 1, links = 1;
};

std::string encode(const Entry& e) {
  std::string out = "070701" + hex(e.inode) + hex(e.mode) + hex(7) + hex(8) + hex(e.links) + hex(1'000'000) +
                    hex(static_cast<std::uint32_t>(e.data.size())) + hex(0) + hex(0) + hex(5) + hex(1) +
                    hex(static_cast<std::uint32_t>(e.name.size() + 1)) + hex(0) + e.name + '\0';
  out.resize((out.size() + 3) & ~std::size_t{3});
  out += e.data;
  out.resize((out.size() + 3) & ~std::size_t{3});
  return out;
}

std::string archive(const std::vector<Entry>& entries) {
  std::string out;
  for (const Entry& e : entries) out += encode(e);
  return out + encode({"TRAILER!!!", 0});
}

struct InitramfsTest : VfsTest {
  k::Result<void> unpack(const std::string& image) {
    return fs::unpack_initramfs(context(), std::as_bytes(std::span{image}));
  }
  const std::vector<Entry> kUsual = {{"bin", S_IFDIR | 0755},
                                     {"bin/sh", S_IFREG | 04755, std::string(9000, 's')},
                                     {"bin/link", S_IFLNK | 0777, "sh"},
                                     {"./dev", S_IFDIR | 0700},
                                     {"/dev/console", S_IFCHR | 0600},
                                     {"empty", S_IFREG | 0600}};
};

TEST_F(InitramfsTest, MakesWhatTheArchiveHolds) {
  EXPECT_OK(unpack(archive(kUsual)));
  EXPECT_EQ(read_file("bin/link"), std::string(9000, 's'));
  EXPECT_EQ(mode_of("bin/sh"), S_IFREG | 04755u);
  const fs::Inode& sh = find("bin/sh")->inode();
  EXPECT_EQ(sh.uid(), 7u);
  EXPECT_EQ(sh.gid(), 8u);
  EXPECT_EQ(sh.modified().seconds(), 1'000'000);
  EXPECT_EQ(find("dev/console")->inode().special_device(), (fs::DeviceNumber{5, 1}));
  EXPECT_EQ(mode_of("dev"), S_IFDIR | 0700u);
}

TEST_F(InitramfsTest, SeveralArchivesFollowEachOther) {
  const std::string padding(512, '\0');
  EXPECT_OK(unpack(archive({{"a", S_IFREG | 0644, "old"}}) + padding +
                   archive({{"a", S_IFREG | 0600, "new"}, {"b", S_IFREG | 0644, "B"}}) + padding));
  EXPECT_EQ(read_file("a"), "new");
  EXPECT_EQ(mode_of("a"), S_IFREG | 0600u);
  EXPECT_EQ(read_file("b"), "B");
}

TEST_F(InitramfsTest, HardLinksShareTheDataOfWhicheverEntryHasIt) {
  EXPECT_OK(unpack(archive({{"one", S_IFREG | 0644, "", 9, 2}, {"two", S_IFREG | 0644, "data", 9, 2}})));
  EXPECT_EQ(read_file("one"), "data");
  EXPECT_EQ(links_of("two"), 2u);
}

TEST_F(InitramfsTest, EveryTruncationIsAnErrorAndNothingWorse) {
  const std::string whole = archive(kUsual);
  for (std::size_t n = 1; n < whole.size(); n += n < 400 || n > whole.size() - 400 ? 1 : 97) {
    fs_ = k::test::fresh_tmpfs("mode=755");
    const bool only_padding_is_missing = n + 3 >= whole.size();
    if (!only_padding_is_missing) EXPECT_ERRNO(unpack(whole.substr(0, n)), io);
  }
}

TEST_F(InitramfsTest, RandomDamageIsSurvived) {
  std::mt19937 random{6};
  const std::string whole = archive(kUsual);
  for (int i = 0; i < 400; ++i) {
    fs_ = k::test::fresh_tmpfs("size=1m,nr_inodes=64,mode=755");
    std::string damaged = whole;
    for (unsigned n = 1 + random() % 4; n > 0; --n) {
      const std::size_t at = random() % 700;
      damaged[at] = random() % 2 == 0 ? static_cast<char>(random()) : "0123456789ABCDEF"[random() % 16];
    }
    (void)unpack(damaged);
    EXPECT_OK(find("/"));
  }
}

TEST_F(InitramfsTest, NamesCannotLeaveTheRoot) {
  EXPECT_OK(mkdir("jail"));
  const fs::PathRef top = fs_->root_ref(), jail = find("jail").value();
  EXPECT_OK(fs_->set_root(jail));
  EXPECT_OK(fs_->set_cwd(jail));
  EXPECT_OK(unpack(archive({{"../../escaped", S_IFREG | 0644, "x"}})));
  EXPECT_OK(find("escaped"));
  EXPECT_OK(fs_->set_root(top));
  EXPECT_OK(fs_->set_cwd(top));
  EXPECT_ERRNO(find("escaped"), noent);
}

TEST_F(InitramfsTest, AnUnsupportedCompressionIsNamed) {
  EXPECT_ERRNO(unpack(std::string{"\xfd"
                                  "7zXZ\0",
                                  6}),
               io);
  EXPECT_ERRNO(unpack("\x28\xb5\x2f\xfd...."), io);
  EXPECT_ERRNO(unpack("neither one nor the other, and long enough to be a header of an archive, which would take 110 "
                      "bytes of text."),
               io);
  EXPECT_OK(unpack(std::string(100, '\0')));
  EXPECT_OK(unpack(""));
}

}  // namespace
