/// getdents64(2).
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <set>

#include "support/check.h"
#include "support/files.h"

using namespace systest;

namespace {

struct Entry {
  unsigned long inode;
  long offset;
  unsigned char type;
};

/// Adds the entries of one getdents64 call; its result.
long list_some(int fd, std::size_t room, std::multimap<std::string, Entry>& into) {
  std::string buffer(room, '\0');
  const long length = syscall(SYS_getdents64, fd, buffer.data(), room);
  for (long at = 0; at < length;) {
    const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
    EXPECT_EQ(entry->d_reclen % 8, 0);
    into.insert({entry->d_name, {entry->d_ino, entry->d_off, entry->d_type}});
    at += entry->d_reclen;
  }
  return length;
}

std::multimap<std::string, Entry> list(const char* path, std::size_t room = 4096) {
  Fd fd{open(path, O_RDONLY | O_DIRECTORY)};
  std::multimap<std::string, Entry> entries;
  while (list_some(fd, room, entries) > 0) continue;
  return entries;
}

}  // namespace

TEST(Getdents, EmptyDirectoryHasDotAndDotDot) {
  ASSERT_OK(mkdir("dir", 0755));
  const auto entries = list("dir");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries.find(".")->second.inode, stat_of("dir").st_ino);
  EXPECT_EQ(entries.find("..")->second.inode, stat_of(".").st_ino);
}

TEST(Getdents, TellsTypesAndInodes) {
  put("file", "");
  ASSERT_OK(mkdir("dir", 0755));
  ASSERT_OK(symlink("file", "link"));
  ASSERT_OK(mkfifo("fifo", 0600));
  const auto entries = list(".");
  EXPECT_EQ(entries.find("file")->second.type, DT_REG);
  EXPECT_EQ(entries.find("dir")->second.type, DT_DIR);
  EXPECT_EQ(entries.find("link")->second.type, DT_LNK);
  EXPECT_EQ(entries.find("fifo")->second.type, DT_FIFO);
  EXPECT_EQ(entries.find("file")->second.inode, stat_of("file").st_ino);
}

TEST(Getdents, ManyEntriesAppearOnceThroughSmallBuffers) {
  for (int i = 0; i < 300; i++) put(("entry-" + std::to_string(i)).c_str(), "");
  const auto entries = list(".", 128);
  EXPECT_EQ(entries.size(), 302u);
  for (int i = 0; i < 300; i++) EXPECT_EQ(entries.count("entry-" + std::to_string(i)), 1u);
}

TEST(Getdents, SeekToStartListsAgain) {
  put("file", "");
  Fd fd{open(".", O_RDONLY)};
  std::multimap<std::string, Entry> entries;
  while (list_some(fd, 4096, entries) > 0) continue;
  EXPECT_EQ(list_some(fd, 4096, entries), 0);
  put("late", "");
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  entries.clear();
  while (list_some(fd, 4096, entries) > 0) continue;
  EXPECT_EQ(entries.size(), 4u);
}

TEST(Getdents, DeletingWhileListingMissesNothing) {
  for (int i = 0; i < 100; i++) put(("f" + std::to_string(i)).c_str(), "");
  Fd fd{open(".", O_RDONLY)};
  std::set<std::string> deleted;
  for (std::multimap<std::string, Entry> some; list_some(fd, 256, some) > 0; some.clear())
    for (const auto& [name, entry] : some)
      if (name[0] == 'f') {
        EXPECT_OK(unlink(name.c_str()));
        deleted.insert(name);
      }
  EXPECT_EQ(deleted.size(), 100u);
  EXPECT_EQ(list(".").size(), 2u);
}

TEST(Getdents, RefusesBadArguments) {
  put("file", "");
  Fd file{open("file", O_RDONLY)}, dir{open(".", O_RDONLY)};
  char buffer[4096];
  EXPECT_ERRNO(ENOTDIR, syscall(SYS_getdents64, int{file}, buffer, sizeof buffer));
  EXPECT_ERRNO(EBADF, syscall(SYS_getdents64, 999, buffer, sizeof buffer));
  EXPECT_ERRNO(EINVAL, syscall(SYS_getdents64, int{dir}, buffer, 8));
  EXPECT_ERRNO(EFAULT, syscall(SYS_getdents64, int{dir}, 16, 4096));
}

TEST(Getdents, RemovedDirectoryIsEnoent) {
  ASSERT_OK(mkdir("dir", 0755));
  Fd fd{open("dir", O_RDONLY)};
  ASSERT_OK(rmdir("dir"));
  char buffer[4096];
  EXPECT_ERRNO(ENOENT, syscall(SYS_getdents64, int{fd}, buffer, sizeof buffer));
}
