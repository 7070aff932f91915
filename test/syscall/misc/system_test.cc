/// uname(2), sysinfo(2), sethostname(2), getrandom(2), syslog(2), reboot(2), prctl(2), and absent calls.
#include <asm/prctl.h>
#include <linux/reboot.h>
#include <sys/klog.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

TEST(Uname, IsLinuxSixPointOneOnX8664) {
  utsname name{};
  EXPECT_OK(uname(&name));
  EXPECT_STREQ(name.sysname, "Linux");
  EXPECT_TRUE(std::string_view(name.release).starts_with("6.1")) << name.release;
  EXPECT_STREQ(name.machine, "x86_64");
  EXPECT_NE(name.version[0], '\0');
  EXPECT_STREQ(name.domainname, "(none)");
}

TEST(Uname, FollowsThePersonality) {
  utsname name{};
  ASSERT_OK(personality(PER_LINUX32));
  ASSERT_OK(uname(&name));
  EXPECT_STREQ(name.machine, "i686");
  EXPECT_TRUE(std::string_view(name.release).starts_with("6.1")) << name.release;
  ASSERT_OK(personality(UNAME26));
  ASSERT_OK(uname(&name));
  EXPECT_STREQ(name.machine, "x86_64");
  EXPECT_TRUE(std::string_view(name.release).starts_with("2.6.61-")) << name.release;
}

TEST(Hostname, IsSetReadAndLimited) {
  utsname before{}, now{};
  ASSERT_OK(uname(&before));
  EXPECT_OK(sethostname("testhost", 8));
  ASSERT_OK(uname(&now));
  EXPECT_STREQ(now.nodename, "testhost");
  EXPECT_EQ(slurp("/proc/sys/kernel/hostname"), "testhost\n");
  EXPECT_ERRNO(EINVAL, sethostname("x", 65));
  EXPECT_ERRNO(EINVAL, sethostname("x", -1));
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, sethostname("mine", 4)); }), 0);
  EXPECT_OK(sethostname(before.nodename, strlen(before.nodename)));
}

TEST(Sysinfo, IsPlausible) {
  struct sysinfo info{};
  EXPECT_OK(sysinfo(&info));
  EXPECT_GT(info.totalram, 0u);
  EXPECT_GT(info.freeram, 0u);
  EXPECT_LE(info.freeram, info.totalram);
  EXPECT_GE(info.procs, 1u);
  EXPECT_GE(info.mem_unit, 1u);
}

TEST(Getrandom, FillsAndRefusesUnknownFlags) {
  unsigned char a[64] = {}, b[64] = {};
  EXPECT_EQ(getrandom(a, sizeof a, 0), 64);
  EXPECT_EQ(getrandom(b, sizeof b, GRND_NONBLOCK), 64);
  EXPECT_NE(memcmp(a, b, sizeof a), 0);
  EXPECT_EQ(getrandom(a, 0, 0), 0);
  EXPECT_ERRNO(EINVAL, getrandom(a, 1, 0x100));
  EXPECT_ERRNO(EINVAL, getrandom(a, 1, GRND_RANDOM | GRND_INSECURE));
  EXPECT_ERRNO(EFAULT, getrandom((void*)16, 8, 0));
}

TEST(Syslog, ReadsTheLogAndItsSize) {
  const int size = klogctl(10, nullptr, 0);
  EXPECT_GT(size, 1000);
  std::string log(size, '\0');
  EXPECT_GT(klogctl(3, log.data(), size), 0);
  EXPECT_ERRNO(EINVAL, klogctl(99, nullptr, 0));
  EXPECT_ERRNO(EINVAL, klogctl(3, nullptr, 10));
  EXPECT_ERRNO(EINVAL, klogctl(8, nullptr, 99)) << "no such console level";
}

TEST(Syslog, ReadingIsForRootHere) {
  EXPECT_EQ(as_user([] { EXPECT_ERRNO(EPERM, klogctl(2, nullptr, 0)); }), 0);
}

TEST(Reboot, RefusesWrongMagicAndUsers) {
  EXPECT_ERRNO(EINVAL, syscall(SYS_reboot, 1, 2, LINUX_REBOOT_CMD_CAD_OFF, nullptr));
  EXPECT_ERRNO(EINVAL, syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 0x12345, nullptr));
  EXPECT_EQ(as_user([] {
              EXPECT_ERRNO(EPERM, syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                                          LINUX_REBOOT_CMD_CAD_OFF, nullptr));
            }),
            0);
}

TEST(AbsentCall, IsEnosys) {
  EXPECT_ERRNO(ENOSYS, syscall(600));
  EXPECT_ERRNO(ENOSYS, syscall(-1));
  EXPECT_ERRNO(ENOSYS, syscall(1L << 31));
  EXPECT_ERRNO(ENOSYS, syscall(SYS_create_module)) << "a number Linux gave up";
  EXPECT_ERRNO(ENOSYS, syscall(0x40000000 | SYS_getpid)) << "x32 numbers";
}

TEST(Prctl, NameIsSetReadAndCutOff) {
  char name[17] = {};
  EXPECT_OK(prctl(PR_SET_NAME, "a-name-longer-than-fifteen"));
  EXPECT_OK(prctl(PR_GET_NAME, name));
  EXPECT_STREQ(name, "a-name-longer-t");
  EXPECT_EQ(slurp("/proc/self/comm"), "a-name-longer-t\n");
}

TEST(Prctl, ParentDeathSignalComes) {
  auto pipe = make_pipe();
  EXPECT_EQ(in_child([&] {
              const pid_t pid = spawn([&] {
                EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
                int signal = 0;
                EXPECT_OK(prctl(PR_GET_PDEATHSIG, &signal));
                EXPECT_EQ(signal, SIGKILL);
                EXPECT_EQ(write(pipe.write, "r", 1), 1);
                pause();
              });
              char byte;
              EXPECT_EQ(read(pipe.read, &byte, 1), 1);
              EXPECT_GT(pid, 0);
            }),
            0);
  pipe.write.reset();
  char byte;
  EXPECT_EQ(read(pipe.read, &byte, 1), 0) << "the grandchild is dead";
}

TEST(Prctl, SubreaperAdoptsOrphans) {
  EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
  auto pipe = make_pipe();
  const pid_t self = getpid();
  EXPECT_EQ(in_child([&] {
              const pid_t middle = getpid();
              spawn([&, middle] {
                while (getppid() == middle) usleep(1000);
                EXPECT_EQ(getppid(), self);
                EXPECT_EQ(write(pipe.write, "a", 1), 1);
              });
            }),
            0);
  EXPECT_EQ(read_some(pipe.read), "a");
  EXPECT_NE(reap(-1), 0) << "waitpid(-1) answers the orphan's pid, not -1";
}

TEST(Prctl, UnknownOptionIsEinval) { EXPECT_ERRNO(EINVAL, prctl(9999, 0, 0, 0, 0)); }

TEST(ArchPrctl, FsBaseIsReadAndGsBaseIsSet) {
  unsigned long fs = 0, gs = 1;
  EXPECT_OK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
  unsigned long self = 0;
  asm("mov %%fs:0,%0" : "=r"(self));
  EXPECT_EQ(fs, self);
  static unsigned long value = 0x1122334455667788;
  EXPECT_OK(syscall(SYS_arch_prctl, ARCH_SET_GS, &value));
  unsigned long read_back = 0;
  asm volatile("mov %%gs:0,%0" : "=r"(read_back));
  EXPECT_EQ(read_back, value);
  EXPECT_OK(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs));
  EXPECT_EQ(gs, (unsigned long)&value);
  EXPECT_EQ(in_child([&] {
              unsigned long in_child_value = 0;
              asm volatile("mov %%gs:0,%0" : "=r"(in_child_value));
              EXPECT_EQ(in_child_value, value);
            }),
            0);
  EXPECT_ERRNO(EPERM, syscall(SYS_arch_prctl, ARCH_SET_GS, 0xffff800000000000));
  EXPECT_ERRNO(EINVAL, syscall(SYS_arch_prctl, 0x9999, 0));
}

TEST(Registers, SyscallKeepsAllButRaxRcxR11) {
  unsigned long bad = 0;
  asm volatile(
      "mov $1,%%rbx; mov $2,%%r12; mov $3,%%r13; mov $4,%%r14; mov $5,%%r15;"
      "mov $6,%%rdi; mov $7,%%rsi; mov $8,%%rdx; mov $9,%%r10; mov $10,%%r8; mov $11,%%r9;"
      "mov $110,%%eax; syscall;"
      "xor $1,%%rbx; xor $2,%%r12; xor $3,%%r13; xor $4,%%r14; xor $5,%%r15;"
      "xor $6,%%rdi; xor $7,%%rsi; xor $8,%%rdx; xor $9,%%r10; xor $10,%%r8; xor $11,%%r9;"
      "or %%r12,%%rbx; or %%r13,%%rbx; or %%r14,%%rbx; or %%r15,%%rbx; or %%rdi,%%rbx; or %%rsi,%%rbx;"
      "or %%rdx,%%rbx; or %%r10,%%rbx; or %%r8,%%rbx; or %%r9,%%rbx; mov %%rbx,%0"
      : "=r"(bad)
      :
      : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
  EXPECT_EQ(bad, 0u);
}
