/// /proc/PID/mem, and what /proc/PID says of groups and namespaces: proc_pid_mem(5), user_namespaces(7).
#include <fcntl.h>
#include <sys/personality.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

off_t offset_of(const void* address) { return (off_t)(std::uintptr_t)address; }

std::string memory_of(pid_t pid) { return "/proc/" + std::to_string(pid) + "/mem"; }

}  // namespace

TEST(ProcMem, ReadsAndWritesAtAddresses) {
  const Pages pages{2};
  poke(pages.at(), 'a');
  const Fd mem{open("/proc/self/mem", O_RDWR)};
  ASSERT_OK(int{mem});
  char byte = 0;
  ASSERT_EQ(pread(mem, &byte, 1, offset_of(pages.at())), 1);
  EXPECT_EQ(byte, 'a');
  ASSERT_EQ(lseek(mem, offset_of(pages.at(1)) - 1, SEEK_SET), offset_of(pages.at(1)) - 1);
  ASSERT_EQ(write(mem, "xy", 2), 2);
  EXPECT_EQ(peek(pages.at(1) - 1), 'x');
  EXPECT_EQ(peek(pages.at(1)), 'y');
  EXPECT_EQ(lseek(mem, 0, SEEK_CUR), offset_of(pages.at(1)) + 1);
}

TEST(ProcMem, ReachesAnotherProcess) {
  const Pages pages{1};
  auto pipe = make_pipe();
  Gate gate;
  const pid_t pid = spawn([&] {
    poke(pages.at(), 'c');
    EXPECT_EQ(write(pipe.write, "!", 1), 1);
    gate.wait();
    EXPECT_EQ(peek(pages.at()), 'p');
  });
  char byte;
  ASSERT_EQ(read(pipe.read, &byte, 1), 1);
  const Fd mem{open(memory_of(pid).c_str(), O_RDWR)};
  ASSERT_EQ(pread(mem, &byte, 1, offset_of(pages.at())), 1);
  EXPECT_EQ(byte, 'c');
  EXPECT_EQ(pwrite(mem, "p", 1, offset_of(pages.at())), 1);
  EXPECT_EQ(peek(pages.at()), 0) << "not ours";
  gate.open();
  EXPECT_EQ(reap(pid), 0);
}

TEST(ProcMem, StopsAtWhatIsNotThere) {
  const Pages pages{2};
  poke(pages.at(), 'a');
  ASSERT_OK(mprotect(pages.at(1), kPage, PROT_NONE));
  munmap(pages.at(1), kPage);
  const Fd mem{open("/proc/self/mem", O_RDWR)};
  std::string text(2 * kPage, 0);
  EXPECT_EQ(pread(mem, text.data(), text.size(), offset_of(pages.at())), (ssize_t)kPage);
  EXPECT_ERRNO(EIO, pread(mem, text.data(), 1, offset_of(pages.at(1))));
  EXPECT_ERRNO(EIO, pwrite(mem, text.data(), 1, offset_of(pages.at(1))));
  EXPECT_ERRNO(EFAULT, pread(mem, nullptr, 1, offset_of(pages.at())));
  EXPECT_ERRNO(EINVAL, lseek(mem, 0, SEEK_END));
}

TEST(ProcMem, IsForWhoMayLook) {
  const std::string path = memory_of(getpid());
  EXPECT_EQ(as_user([&] { EXPECT_ERRNO(EACCES, open(path.c_str(), O_RDONLY)); }), 0);
}

TEST(ProcNamespaces, ThereIsOneOfEach) {
  EXPECT_EQ(slurp("/proc/self/uid_map"), "         0          0 4294967295\n");
  EXPECT_EQ(slurp("/proc/self/gid_map"), "         0          0 4294967295\n");
  EXPECT_EQ(slurp("/proc/self/setgroups"), "allow\n");
  EXPECT_EQ(slurp("/proc/self/cgroup"), "") << "nothing is mounted";
}

TEST(ProcPersonality, ShowsTheFlags) {
  EXPECT_EQ(slurp("/proc/self/personality"), "00000000\n");
  ASSERT_OK(personality(ADDR_NO_RANDOMIZE));
  EXPECT_EQ(slurp("/proc/self/personality"), "00040000\n");
}
