/// Bad user pointers on every call: an errno, and nothing else harmed.
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "pointers/pointer_table.h"
#include "support/check.h"
#include "support/child.h"
#include "support/files.h"
#include "support/memory.h"

using namespace systest;

namespace {

constexpr int kAnyResult = -1;

/// The objects that the stand-ins in a case's arguments mean.
class Bench {
 public:
  Bench() : pipe(make_pipe()), good(2), zero_time{} {
    put("existing", std::string(8192, 'x'), 0644);
    file = Fd{open("existing", O_RDWR)};
    directory = Fd{open(".", O_RDONLY)};
    EXPECT_EQ(write(pipe.write, std::string(128, 'p').data(), 128), 128);
    const gid_t groups[] = {1, 2, 3};
    EXPECT_OK(setgroups(3, groups));
    fill_queues();
  }
  ~Bench() { msgctl(messages, IPC_RMID, nullptr); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  long call(const PointerCase& c, long bad) {
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = value(c.arguments[i], bad);
    return syscall(c.number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }

 private:
  void fill_queues() {
    const std::string name = "/pointers-" + std::to_string(getpid());
    mq_attr a{};
    a.mq_maxmsg = 2;
    a.mq_msgsize = 16;
    queue = Fd{mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &a)};
    EXPECT_OK(mq_unlink(name.c_str()));
    EXPECT_OK(mq_send(queue, "sixteen letters.", 16, 0));
    messages = msgget(IPC_PRIVATE, 0600);
    struct {
      long type = 1;
      char text[16] = {};
    } message;
    EXPECT_OK(msgsnd(messages, &message, sizeof message.text, 0));
  }
  long value(long argument, long bad) const {
    switch (argument) {
      case kBad:
        return bad;
      case kGood:
        return (long)good.at();
      case kPath:
        return (long)"existing";
      case kNewPath:
        return (long)"new";
      case kFile:
        return file;
      case kPipeIn:
        return pipe.write;
      case kPipeOut:
        return pipe.read;
      case kDirectory:
        return directory;
      case kTimespec:
        return (long)zero_time;
      case kQueue:
        return queue;
      case kMessages:
        return messages;
      default:
        return argument;
    }
  }

  PipeEnds pipe;
  Fd file, directory, queue;
  int messages = -1;
  Pages good;
  long zero_time[4];
};

/// The errno of one call made in a child, so that a crash, a hang or a side effect stays there.
void expect_errno(const PointerCase& c, long pointer, int expected, const char* kind) {
  const int outcome = in_child([&] {
    Bench bench;
    alarm(20);
    const Err got = err_of(bench.call(c, pointer));
    if (expected != kAnyResult) EXPECT_EQ(got, Err{expected}) << c.name << " with " << kind;
  });
  EXPECT_EQ(outcome, 0) << c.name << " with " << kind;
}

/// An address whose `bytes` first bytes are in a writable page and whose rest is unmapped.
struct Straddle {
  explicit Straddle(char fill) : pages(2) {
    memset(pages.at(), fill, kPage);
    EXPECT_OK(munmap(pages.at(1), kPage));
  }
  long with(std::size_t bytes) const { return (long)pages.at(1) - (long)bytes; }
  Pages pages;
};

constexpr struct {
  const char* kind;
  long address;
} kNowhere[] = {
    {"an unmapped pointer", 0x1000},
    {"a pointer to the end of the user half", 0x7ffffffff000},
    {"a non-canonical pointer", 0x4000000000000000},
    {"a pointer into the direct map", (long)0xffff888000001000},
    {"a pointer into kernel text", (long)0xffffffff81000000},
    {"a pointer to the last page", (long)0xfffffffffffff000},
};

class Pointers : public testing::TestWithParam<PointerCase> {
 protected:
  void all_kinds(int expected) {
    const auto& c = GetParam();
    if (c.null_result != kNotTried) expect_errno(c, 0, c.null_result, "NULL");
    for (const auto& [kind, address] : kNowhere) expect_errno(c, address, expected, kind);
    const Pages closed{1, PROT_NONE};
    expect_errno(c, (long)closed.at(), expected, "a page without permissions");
  }
};

class PathPointer : public Pointers {};
class InputPointer : public Pointers {};
class OutputPointer : public Pointers {};

/// Calls that move what they can before the bad page, or that ask for less than they might.
bool moves_part(const PointerCase& c) {
  for (long number : {SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_getrandom, SYS_getcwd, SYS_getdents64,
                      SYS_time, SYS_sched_getaffinity, SYS_execve, SYS_prctl, SYS_futex, SYS_ioctl, SYS_setgroups,
                      SYS_readlink, SYS_syslog, SYS_getgroups})
    if (c.number == number) return true;
  return false;
}

int expected_for(const PointerCase& c) {
  // Calls whose other arguments are refused before the pointer is looked at.
  if (c.number == SYS_clock_settime && c.null_result == EINVAL) return EINVAL;
  if (c.number == SYS_readlink && c.use == Use::out) return EINVAL;
  return EFAULT;
}

}  // namespace

TEST_P(PathPointer, IsRefused) {
  all_kinds(EFAULT);
  const Straddle unterminated{'a'};
  expect_errno(GetParam(), unterminated.with(10), EFAULT, "a string that runs into an unmapped page");
}

TEST_P(InputPointer, IsRefused) {
  const int expected = expected_for(GetParam());
  all_kinds(expected);
  const Straddle page{0};
  expect_errno(GetParam(), page.with(1), moves_part(GetParam()) ? kAnyResult : expected, "a straddling structure");
}

TEST_P(OutputPointer, IsRefused) {
  const int expected = expected_for(GetParam());
  all_kinds(expected);
  const Pages read_only{1, PROT_READ};
  expect_errno(GetParam(), (long)read_only.at(), expected, "a read-only page");
  const Straddle page{0};
  expect_errno(GetParam(), page.with(1), moves_part(GetParam()) ? kAnyResult : expected, "a straddling structure");
}

namespace {
std::string name_of(const testing::TestParamInfo<PointerCase>& info) { return info.param.name; }
auto values(std::span<const PointerCase> cases) { return testing::ValuesIn(cases.begin(), cases.end()); }
}  // namespace

INSTANTIATE_TEST_SUITE_P(Bad, PathPointer, values(path_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Bad, InputPointer, values(input_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Bad, OutputPointer, values(output_cases()), name_of);
