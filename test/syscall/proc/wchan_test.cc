/// /proc/PID/wchan: where in the kernel a thread waits. Source: proc_pid_wchan(5).
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

std::string wchan_of(pid_t pid) { return slurp(("/proc/" + std::to_string(pid) + "/wchan").c_str()); }

}  // namespace

TEST(ProcWchan, IsZeroOfWhoRuns) {
  EXPECT_EQ(slurp("/proc/self/wchan"), "0");
  EXPECT_EQ(slurp("/proc/thread-self/wchan"), "0");
}

TEST(ProcWchan, NamesAFunctionOfWhoSleeps) {
  const auto pipe = make_pipe();
  const pid_t reader = spawn([&] {
    char byte;
    (void)!read(pipe.read, &byte, 1);
  });
  await_state(reader, 'S');
  EXPECT_NE(strcasestr(wchan_of(reader).c_str(), "pipe"), nullptr) << wchan_of(reader);
  kill(reader, SIGKILL);
  await_state(reader, 'Z');
  EXPECT_EQ(wchan_of(reader), "0");
  reap(reader);
}

TEST(ProcWchan, DiffersByWhatIsWaitedFor) {
  const auto pipe = make_pipe();
  const pid_t reader = spawn([&] {
    char byte;
    (void)!read(pipe.read, &byte, 1);
  });
  const pid_t pausing = spawn([] { pause(); });
  await_state(reader, 'S');
  await_state(pausing, 'S');
  EXPECT_NE(wchan_of(reader), wchan_of(pausing));
  for (const pid_t pid : {reader, pausing}) {
    kill(pid, SIGKILL);
    reap(pid);
  }
}

TEST(ProcWchan, IsZeroForStrangers) {
  const Sleeper other;
  await_state(other, 'S');
  const pid_t pid = other;
  EXPECT_NE(wchan_of(pid), "0");
  EXPECT_EQ(as_user([=] { EXPECT_EQ(wchan_of(pid), "0"); }), 0);
}
