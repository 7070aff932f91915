/// /proc/PID/task/TID/children: whom a thread made. Source: proc_tid_children(5).
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/child.h"
#include "support/files.h"

using namespace systest;

namespace {

std::string children_of(pid_t pid, pid_t tid) {
  return slurp(("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/children").c_str());
}

std::string listed(std::initializer_list<pid_t> pids) {
  std::string text;
  for (const pid_t pid : pids) text += std::to_string(pid) + " ";
  return text;
}

template <class Body>
void in_thread(Body body) {
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<Body*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, run, &body), 0);
  pthread_join(thread, nullptr);
}

}  // namespace

TEST(ProcChildren, AreListedInOrderOfBirth) {
  EXPECT_EQ(children_of(getpid(), getpid()), "");
  const Sleeper first, second;
  EXPECT_EQ(children_of(getpid(), getpid()), listed({first, second}));
  EXPECT_EQ(children_of(first, first), "");
  EXPECT_EQ(slurp(("/proc/" + std::to_string(getpid()) + "/children").c_str()), "<ENOENT>");
}

TEST(ProcChildren, AZombieIsOneUntilItIsWaitedFor) {
  const pid_t pid = spawn([] {});
  await_state(pid, 'Z');
  EXPECT_EQ(children_of(getpid(), getpid()), listed({pid}));
  EXPECT_EQ(reap(pid), 0);
  EXPECT_EQ(children_of(getpid(), getpid()), "");
}

TEST(ProcChildren, BelongToTheThreadThatMadeThemWhileItLives) {
  pid_t child = 0;
  in_thread([&] {
    child = spawn([] { pause(); });
    EXPECT_EQ(children_of(getpid(), gettid()), listed({child}));
    EXPECT_EQ(children_of(getpid(), getpid()), "");
  });
  EXPECT_EQ(children_of(getpid(), getpid()), listed({child}));
  kill(child, SIGKILL);
  reap(child);
}

TEST(WaitOptions, WnothreadMeansOnesOwnChildren) {
  const Sleeper ours;
  in_thread([&] {
    EXPECT_ERRNO(ECHILD, waitpid(-1, nullptr, WNOHANG | __WNOTHREAD));
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0);
    const pid_t own = spawn([] {});
    EXPECT_EQ(waitpid(-1, nullptr, __WNOTHREAD), own);
    EXPECT_ERRNO(ECHILD, waitpid(-1, nullptr, __WNOTHREAD));
  });
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG | __WNOTHREAD), 0);
}
