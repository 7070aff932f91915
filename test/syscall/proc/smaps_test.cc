/// /proc/PID/smaps, smaps_rollup and pagemap: what the pages of a mapping are.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sstream>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

/// Pages with an unmapped page on either side, so that the mapping joins no other; small pages only.
class Alone {
 public:
  explicit Alone(std::size_t pages, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1) : bytes_(pages * kPage) {
    char* const room = (char*)mmap(nullptr, bytes_ + 2 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_ = (char*)mmap(room + kPage, bytes_, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
    munmap(room, kPage);
    munmap(base_ + bytes_, kPage);
    madvise(base_, bytes_, MADV_NOHUGEPAGE);
  }
  ~Alone() { munmap(base_, bytes_); }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  char* at(std::size_t page = 0) const { return base_ + page * kPage; }
  void write(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) poke(at(i), 'w');
  }

 private:
  std::size_t bytes_;
  char* base_;
};

/// The record of smaps that starts at `address`, its first line included.
std::string record_of(const void* address) {
  char start[32];
  snprintf(start, sizeof start, "%lx-", (unsigned long)address);
  std::istringstream smaps{slurp("/proc/self/smaps")};
  std::string record;
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    const bool header = line.find('-') < line.find(' ') && line.find(':') > line.find(' ');
    if (header) inside = line.starts_with(start);
    if (inside) record += line + "\n";
  }
  return record;
}

/// The number behind "Name:" in kB; -1 when there is no such line.
long size_in(const std::string& record, const std::string& name) {
  const auto at = ("\n" + record).find("\n" + name + ":");
  return at == std::string::npos ? -1 : atol(record.c_str() + at + name.size() + 1);
}

long size_of(const void* address, const std::string& name) { return size_in(record_of(address), name); }

/// " rd wr ... ": the flags, so that " rd " can be looked for.
std::string flags_of(const void* address) {
  const std::string record = record_of(address);
  const auto at = record.find("VmFlags:");
  return at == std::string::npos ? "<missing>" : record.substr(at + 8, record.find('\n', at) - at - 8);
}

bool has_flag(const void* address, const char* flag) {
  return flags_of(address).find(std::string(" ") + flag + " ") != std::string::npos;
}

constexpr uint64_t kPresent = 1ull << 63, kOfFile = 1ull << 61, kExclusive = 1ull << 56, kFrame = (1ull << 55) - 1;

uint64_t pagemap_of(const void* address) {
  Fd fd{open("/proc/self/pagemap", O_RDONLY)};
  uint64_t word = ~0ull;
  EXPECT_EQ(pread(fd, &word, sizeof word, (long)address / (long)kPage * 8), (ssize_t)sizeof word);
  return word;
}

}  // namespace

TEST(ProcSmaps, HasARecordForEachLineOfMaps) {
  std::istringstream maps{slurp("/proc/self/maps")}, smaps{slurp("/proc/self/smaps")};
  std::size_t lines = 0, records = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  for (std::string line; std::getline(smaps, line);) records += line.starts_with("VmFlags:") ? 1 : 0;
  EXPECT_GT(records, 4u);
  EXPECT_NEAR((double)records, (double)lines, 1);  // reading may have made the heap a mapping
}

TEST(ProcSmaps, NamesEveryFigureInOrder) {
  Alone pages{1};
  std::istringstream record{record_of(pages.at())};
  std::string names;
  for (std::string line; std::getline(record, line);) names += line.substr(0, line.find(':')) + " ";
  names.erase(0, names.find(' ') + 1);
  const auto from = names.find("Size ");
  ASSERT_NE(from, std::string::npos) << names;
  // Linux says ProtectionKey only on a CPU that has keys.
  std::string rest = names.substr(from);
  if (const auto at = rest.find("ProtectionKey "); at != std::string::npos) rest.erase(at, strlen("ProtectionKey "));
  EXPECT_EQ(rest,
            "Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean Private_Dirty "
            "Referenced Anonymous LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb "
            "Swap SwapPss Locked THPeligible VmFlags ");
}

TEST(ProcSmaps, PutsNumbersInColumns) {
  Alone pages{4};
  pages.write(0, 3);
  const std::string record = record_of(pages.at());
  for (const char* line :
       {"\nSize:                 16 kB\n", "\nKernelPageSize:        4 kB\n", "\nMMUPageSize:           4 kB\n",
        "\nRss:                  12 kB\n", "\nPrivate_Dirty:        12 kB\n", "\nTHPeligible:    0\n"})
    EXPECT_NE(record.find(line), std::string::npos) << line << record;
}

TEST(ProcSmaps, CountsWrittenPrivatePages) {
  Alone pages{8};
  pages.write(2, 5);
  const std::string record = record_of(pages.at());
  EXPECT_EQ(size_in(record, "Size"), 32);
  for (const char* name : {"Rss", "Pss", "Pss_Dirty", "Private_Dirty", "Anonymous", "Referenced"})
    EXPECT_EQ(size_in(record, name), 12) << name;
  for (const char* name :
       {"Shared_Clean", "Shared_Dirty", "Private_Clean", "LazyFree", "AnonHugePages", "Swap", "SwapPss", "Locked"})
    EXPECT_EQ(size_in(record, name), 0) << name;
}

TEST(ProcSmaps, DoesNotCountTheZeroPage) {
  Alone pages{4};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(peek(pages.at(i)), 0);
  EXPECT_EQ(size_of(pages.at(), "Rss"), 0);
  pages.write(1, 2);
  EXPECT_EQ(size_of(pages.at(), "Rss"), 4);
}

TEST(ProcSmaps, CountsInaccessiblePagesThatAreThere) {
  Alone pages{2};
  pages.write(0, 2);
  ASSERT_OK(mprotect(pages.at(), 2 * kPage, PROT_NONE));
  EXPECT_EQ(size_of(pages.at(), "Rss"), 8);
}

TEST(ProcSmaps, SharesPagesWithAForkedChildUntilOneWrites) {
  Alone pages{4};
  pages.write(0, 4);
  EXPECT_EQ(in_child([&] {
              std::string record = record_of(pages.at());
              EXPECT_EQ(size_in(record, "Rss"), 16);
              EXPECT_EQ(size_in(record, "Shared_Dirty"), 16);
              EXPECT_EQ(size_in(record, "Private_Dirty"), 0);
              EXPECT_EQ(size_in(record, "Pss"), 8);
              pages.write(0, 1);
              record = record_of(pages.at());
              EXPECT_EQ(size_in(record, "Shared_Dirty"), 12);
              EXPECT_EQ(size_in(record, "Private_Dirty"), 4);
              EXPECT_EQ(size_in(record, "Pss"), 10);
            }),
            0);
  EXPECT_EQ(size_of(pages.at(), "Private_Dirty"), 16);
}

TEST(ProcSmaps, SharesManyPagesWithTwoChildren) {
  constexpr std::size_t kPages = 1536;
  Alone pages{kPages};
  pages.write(0, kPages);
  Gate gate;
  const pid_t other = spawn([&] { gate.wait(); });
  EXPECT_EQ(in_child([&] {
              std::string record = record_of(pages.at());
              EXPECT_EQ(size_in(record, "Shared_Dirty"), kPages * 4);
              EXPECT_EQ(size_in(record, "Anonymous"), kPages * 4);
              EXPECT_NEAR((double)size_in(record, "Pss"), kPages * 4 / 3.0, 2);
              pages.write(0, kPages);
              record = record_of(pages.at());
              EXPECT_EQ(size_in(record, "Private_Dirty"), kPages * 4);
              EXPECT_EQ(size_in(record, "Pss"), kPages * 4);
            }),
            0);
  EXPECT_EQ(size_of(pages.at(), "Shared_Dirty"), kPages * 4);
  EXPECT_EQ(size_of(pages.at(), "Pss"), kPages * 2);
  gate.open();
  EXPECT_EQ(reap(other), 0);
  EXPECT_EQ(size_of(pages.at(), "Private_Dirty"), kPages * 4);
}

TEST(ProcSmaps, CountsPagesOfAFile) {
  put("mapped", std::string(4 * kPage, 'm'));
  Fd fd{open("mapped", O_RDWR)};
  Alone shared{4, MAP_SHARED, fd};
  EXPECT_EQ(size_of(shared.at(), "Rss"), 0);
  shared.write(0, 4);
  std::string record = record_of(shared.at());
  EXPECT_TRUE(record.substr(0, record.find('\n')).ends_with("/mapped")) << record;
  EXPECT_EQ(size_in(record, "Rss"), 16);
  EXPECT_EQ(size_in(record, "Private_Dirty"), 16);
  EXPECT_EQ(size_in(record, "Anonymous"), 0);
  Alone copy{4, MAP_PRIVATE, fd};
  copy.write(0, 1);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(peek(copy.at(i)), 'w');
  record = record_of(copy.at());
  EXPECT_EQ(size_in(record, "Rss"), 16);
  EXPECT_EQ(size_in(record, "Private_Dirty"), 4);
  EXPECT_EQ(size_in(record, "Shared_Dirty"), 12);
  EXPECT_EQ(size_in(record, "Anonymous"), 4);
  EXPECT_EQ(size_in(record, "Pss"), 10);
}

TEST(ProcSmaps, TellsLockedPages) {
  Alone pages{4};
  ASSERT_OK(mlock(pages.at(), 4 * kPage));
  EXPECT_EQ(size_of(pages.at(), "Locked"), 16);
  EXPECT_EQ(size_of(pages.at(), "Rss"), 16);
  EXPECT_TRUE(has_flag(pages.at(), "lo")) << flags_of(pages.at());
  ASSERT_OK(munlock(pages.at(), 4 * kPage));
  EXPECT_EQ(size_of(pages.at(), "Locked"), 0);
}

TEST(ProcSmaps, TellsFlagsOfAMapping) {
  Alone pages{2};
  for (const char* flag : {"rd", "wr", "mr", "mw", "me", "ac", "nh"}) EXPECT_TRUE(has_flag(pages.at(), flag)) << flag;
  for (const char* flag : {"ex", "sh", "ms", "gd", "lo", "sr", "rr", "dc", "nr", "wf", "dd", "hg"})
    EXPECT_FALSE(has_flag(pages.at(), flag)) << flag;
  ASSERT_OK(mprotect(pages.at(), 2 * kPage, PROT_READ | PROT_EXEC));
  EXPECT_TRUE(has_flag(pages.at(), "ex"));
  EXPECT_FALSE(has_flag(pages.at(), "wr"));
}

TEST(ProcSmaps, TellsAdvice) {
  const std::pair<int, const char*> kAdvice[] = {{MADV_SEQUENTIAL, "sr"}, {MADV_RANDOM, "rr"},   {MADV_DONTFORK, "dc"},
                                                 {MADV_WIPEONFORK, "wf"}, {MADV_DONTDUMP, "dd"}, {MADV_HUGEPAGE, "hg"}};
  for (const auto& [advice, flag] : kAdvice) {
    Alone pages{2};
    ASSERT_OK(madvise(pages.at(), 2 * kPage, advice));
    EXPECT_TRUE(has_flag(pages.at(), flag)) << flag << flags_of(pages.at());
  }
}

TEST(ProcSmaps, TellsSharedMappings) {
  put("mapped", std::string(kPage, 'm'));
  Fd fd{open("mapped", O_RDONLY)};
  void* const read_only = mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 0);
  ASSERT_OK(read_only);
  EXPECT_TRUE(has_flag(read_only, "ms")) << flags_of(read_only);
  EXPECT_FALSE(has_flag(read_only, "sh"));
  EXPECT_FALSE(has_flag(read_only, "mw"));
  munmap(read_only, kPage);
  Alone writable{1, MAP_SHARED | MAP_ANONYMOUS};
  EXPECT_TRUE(has_flag(writable.at(), "ms"));
  EXPECT_TRUE(has_flag(writable.at(), "sh"));
}

TEST(ProcSmaps, IsNotForOtherUsers) {
  const std::string path = "/proc/" + std::to_string(getpid()) + "/";
  EXPECT_EQ(as_user([&] {
              EXPECT_EQ(slurp((path + "smaps").c_str()), "<EACCES>");
              EXPECT_EQ(slurp((path + "smaps_rollup").c_str()), "<EACCES>");
              EXPECT_EQ(slurp((path + "pagemap").c_str()), "<EACCES>");
            }),
            0);
}

TEST(ProcSmapsRollup, AddsTheRecordsUp) {
  static char smaps[1 << 16], rollup[4096];
  memset(smaps, 1, sizeof smaps);
  memset(rollup, 1, sizeof rollup);
  Fd all{open("/proc/self/smaps", O_RDONLY)}, sum{open("/proc/self/smaps_rollup", O_RDONLY)};
  std::size_t filled = 0;
  for (ssize_t n; (n = read(all, smaps + filled, sizeof smaps - 1 - filled)) > 0;) filled += (std::size_t)n;
  const ssize_t length = read(sum, rollup, sizeof rollup - 1);
  ASSERT_GT(length, 0);
  smaps[filled] = rollup[length] = '\0';
  const std::string text{rollup}, first = text.substr(0, text.find('\n'));
  EXPECT_NE(first.find(" ---p 00000000 00:00 0 "), std::string::npos) << first;
  EXPECT_TRUE(first.ends_with(" [rollup]")) << first;
  for (const char* name : {"Rss", "Private_Dirty", "Anonymous", "Referenced", "Swap", "Locked"}) {
    long total = 0;
    std::istringstream lines{smaps};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(std::string(name) + ":")) total += size_in(line, name);
    }
    EXPECT_EQ(size_in(text, name), total) << name;
  }
  for (const char* name : {"Pss_Anon", "Pss_File", "Pss_Shmem"}) EXPECT_GE(size_in(text, name), 0) << name;
  EXPECT_EQ(text.find("VmFlags"), std::string::npos);
}

TEST(ProcPagemap, TellsWhatIsThere) {
  Alone pages{2};
  EXPECT_EQ(pagemap_of(pages.at()) & kPresent, 0u);
  pages.write(0, 1);
  const uint64_t word = pagemap_of(pages.at());
  EXPECT_NE(word & kPresent, 0u);
  EXPECT_NE(word & kExclusive, 0u);
  EXPECT_EQ(word & kOfFile, 0u);
  EXPECT_NE(word & kFrame, 0u);
  EXPECT_EQ(pagemap_of(pages.at(1)) & kPresent, 0u);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(pagemap_of(pages.at()) & kFrame, word & kFrame);
              EXPECT_EQ(pagemap_of(pages.at()) & kExclusive, 0u);
              pages.write(0, 1);
              EXPECT_NE(pagemap_of(pages.at()) & kFrame, word & kFrame);
            }),
            0);
}

TEST(ProcPagemap, ShowsTheSameFrameInTwoMappings) {
  put("mapped", std::string(2 * kPage, 'm'));
  Fd fd{open("mapped", O_RDWR)};
  Alone one{2, MAP_SHARED, fd}, other{2, MAP_SHARED, fd};
  one.write(0, 2);
  other.write(0, 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(pagemap_of(one.at(i)) & kFrame, pagemap_of(other.at(i)) & kFrame);
    EXPECT_NE(pagemap_of(one.at(i)) & kOfFile, 0u);
    EXPECT_EQ(pagemap_of(one.at(i)) & kExclusive, 0u);
  }
  EXPECT_NE(pagemap_of(one.at(0)) & kFrame, pagemap_of(one.at(1)) & kFrame);
}

TEST(ProcPagemap, ReadsManyWordsAndRefusesPartsOfOne) {
  Alone pages{200};
  pages.write(50, 150);
  Fd fd{open("/proc/self/pagemap", O_RDONLY)};
  uint64_t words[200] = {};
  ASSERT_EQ(pread(fd, words, sizeof words, (long)pages.at() / (long)kPage * 8), (ssize_t)sizeof words);
  for (int i = 0; i < 200; ++i) EXPECT_EQ((words[i] & kPresent) != 0, i >= 50 && i < 150) << i;
  EXPECT_ERRNO(EINVAL, pread(fd, words, 12, 0));
  EXPECT_ERRNO(EINVAL, pread(fd, words, 8, 4));
  EXPECT_EQ(pread(fd, words, 8, (1l << 57) / (long)kPage * 8), 0);
}

TEST(ProcPagemap, HidesFramesFromOrdinaryUsers) {
  Alone pages{1};
  pages.write(0, 1);
  EXPECT_EQ(in_child([&] {
              become(kUser, kUser);
              ASSERT_OK(prctl(PR_SET_DUMPABLE, 1));
              pages.write(0, 1);
              EXPECT_NE(pagemap_of(pages.at()) & kPresent, 0u);
              EXPECT_EQ(pagemap_of(pages.at()) & kFrame, 0u);
            }),
            0);
}

TEST(ProcMaps, AreWholeHoweverLongTheyGet) {
  put("a-file-whose-name-makes-lines-long", std::string(kPage, 'm'));
  Fd fd{open("a-file-whose-name-makes-lines-long", O_RDONLY)};
  constexpr std::size_t kMappings = 120;
  Alone room{2 * kMappings + 1};
  for (std::size_t i = 0; i < kMappings; ++i) {
    ASSERT_OK(mmap(room.at(2 * i + 1), kPage, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
    std::istringstream maps{slurp("/proc/self/maps")};
    std::size_t shown = 0;
    for (std::string line; std::getline(maps, line);) shown += line.ends_with("makes-lines-long") ? 1 : 0;
    ASSERT_EQ(shown, i + 1);
  }
}
