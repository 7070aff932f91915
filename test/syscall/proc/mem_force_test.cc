/// /proc/PID/mem reaches what the program itself may not: debuggers set breakpoints so. Source: proc_pid_mem(5), ptrace(2).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

struct ProcMemForce : testing::Test {
  const Fd mem{open("/proc/self/mem", O_RDWR)};

  ssize_t store(void* at, std::string_view text) const {
    return pwrite(mem, text.data(), text.size(), (off_t)(std::uintptr_t)at);
  }
  std::string load(const void* at, std::size_t bytes) const {
    std::string text(bytes, '\0');
    const ssize_t n = pread(mem, text.data(), bytes, (off_t)(std::uintptr_t)at);
    return n < 0 ? strerrorname_np(errno) : text.substr(0, n);
  }
};

bool write_faults(char* at) {
  return fault_of([=] { poke(at, '!'); }).has_value();
}

char* map_file(const char* path, int protection, int sharing, int open_mode) {
  const Fd fd{open(path, open_mode)};
  void* const at = mmap(nullptr, kPage, protection, sharing, fd, 0);
  EXPECT_NE(at, MAP_FAILED);
  return static_cast<char*>(at);
}

}  // namespace

TEST_F(ProcMemForce, WritesPrivatePagesThatAreReadOnly) {
  const Pages pages{1};
  poke(pages.at(), 'a');
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  EXPECT_EQ(store(pages.at(), "z"), 1);
  EXPECT_EQ(peek(pages.at()), 'z');
  EXPECT_TRUE(write_faults(pages.at())) << "for the program they still are";
  EXPECT_EQ(peek(pages.at()), 'z');
}

TEST_F(ProcMemForce, WritesPagesThatNobodyTouched) {
  const Pages pages{1, PROT_READ};
  EXPECT_EQ(store(pages.at() + 5, "z"), 1);
  EXPECT_EQ(peek(pages.at() + 5), 'z');
  EXPECT_EQ(peek(pages.at()), 0);
  EXPECT_TRUE(write_faults(pages.at()));
}

TEST_F(ProcMemForce, WritesPagesThatAreTheZeroPage) {
  const Pages pages{2, PROT_READ};
  EXPECT_EQ(peek(pages.at()), 0);
  EXPECT_EQ(peek(pages.at(1)), 0);
  EXPECT_EQ(store(pages.at(), "z"), 1);
  EXPECT_EQ(peek(pages.at()), 'z');
  EXPECT_EQ(peek(pages.at(1)), 0);
}

TEST_F(ProcMemForce, AFileKeepsWhatItHas) {
  put("f", "content");
  char* const ours = map_file("f", PROT_READ | PROT_EXEC, MAP_PRIVATE, O_RDONLY);
  char* const other = map_file("f", PROT_READ, MAP_PRIVATE, O_RDONLY);
  EXPECT_EQ(store(ours, "C"), 1);
  EXPECT_EQ(std::string(ours, 7), "Content");
  EXPECT_EQ(std::string(other, 7), "content");
  EXPECT_EQ(slurp("f"), "content");
  EXPECT_TRUE(write_faults(ours));
}

TEST_F(ProcMemForce, SharedMappingsAreNotForced) {
  put("f", "content");
  char* const at = map_file("f", PROT_READ, MAP_SHARED, O_RDWR);
  EXPECT_ERRNO(EIO, store(at, "C"));
  EXPECT_EQ(slurp("f"), "content");
  char* const read_only = map_file("f", PROT_READ, MAP_SHARED, O_RDONLY);
  EXPECT_ERRNO(EIO, store(read_only, "C"));
}

TEST_F(ProcMemForce, ReachesPagesWithoutAnyAccess) {
  const Pages pages{2};
  poke(pages.at(), 'a');
  ASSERT_OK(mprotect(pages.at(), 2 * kPage, PROT_NONE));
  EXPECT_EQ(load(pages.at(), 1), "a");
  EXPECT_EQ(load(pages.at(1), 1), std::string(1, '\0')) << "nobody touched it";
  EXPECT_EQ(store(pages.at(), "z"), 1);
  EXPECT_EQ(load(pages.at(), 1), "z");
  EXPECT_TRUE(write_faults(pages.at()));
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  EXPECT_EQ(peek(pages.at()), 'z');
}

TEST_F(ProcMemForce, ReadsSharedMappingsWithoutAccess) {
  put("f", "content");
  char* const at = map_file("f", PROT_NONE, MAP_SHARED, O_RDONLY);
  EXPECT_EQ(load(at, 7), "content");
  EXPECT_ERRNO(EIO, store(at, "C"));
}

TEST_F(ProcMemForce, AForkedTwinKeepsItsOwn) {
  const Pages pages{1};
  poke(pages.at(), 'a');
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ));
  Gate go;
  const pid_t pid = spawn([&] {
    go.wait();
    EXPECT_EQ(peek(pages.at()), 'a');
  });
  EXPECT_EQ(store(pages.at(), "z"), 1);
  go.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(peek(pages.at()), 'z');
}

TEST_F(ProcMemForce, ReachesAnotherProcessesCode) {
  const Pages pages{1};
  poke(pages.at(), 'a');
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_READ | PROT_EXEC));
  Gate go;
  const pid_t pid = spawn([&] {
    go.wait();
    EXPECT_EQ(peek(pages.at()), 'z');
  });
  const Fd theirs{open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDWR)};
  EXPECT_EQ(pwrite(theirs, "z", 1, (off_t)(std::uintptr_t)pages.at()), 1);
  go.open();
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(peek(pages.at()), 'a');
}

TEST_F(ProcMemForce, WritesOnePageOfAHugeOne) {
  constexpr std::size_t kHuge = 2 << 20;
  const Pages pages{2 * kHuge / kPage};
  char* const block = (char*)(((std::uintptr_t)pages.at() + kHuge - 1) & ~(kHuge - 1));
  ASSERT_OK(madvise(block, kHuge, MADV_HUGEPAGE));
  for (std::size_t i = 0; i < kHuge; i += kPage) poke(block + i, 'a');
  ASSERT_OK(mprotect(block, kHuge, PROT_READ));
  EXPECT_EQ(store(block + 5 * kPage, "z"), 1);
  EXPECT_EQ(peek(block + 5 * kPage), 'z');
  EXPECT_EQ(peek(block + 4 * kPage), 'a');
  EXPECT_TRUE(write_faults(block + 5 * kPage));
  EXPECT_TRUE(write_faults(block));
}

TEST_F(ProcMemForce, CrossesFromWritableToReadOnly) {
  const Pages pages{2};
  ASSERT_OK(mprotect(pages.at(1), kPage, PROT_READ));
  EXPECT_EQ(store(pages.at(1) - 1, "xy"), 2);
  EXPECT_EQ(peek(pages.at(1) - 1), 'x');
  EXPECT_EQ(peek(pages.at(1)), 'y');
}

TEST_F(ProcMemForce, CopiesBetweenProcessesAreNotForced) {
  const Pages pages{1, PROT_READ};
  char byte = 'z';
  const iovec from{&byte, 1}, to{pages.at(), 1};
  EXPECT_ERRNO(EFAULT, process_vm_writev(getpid(), &from, 1, &to, 1, 0));
  ASSERT_OK(mprotect(pages.at(), kPage, PROT_NONE));
  EXPECT_ERRNO(EFAULT, process_vm_readv(getpid(), &from, 1, &to, 1, 0));
}
