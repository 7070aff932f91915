/// The end of processes with several threads: exit_group(2), execve(2), the first thread's exit, a fatal signal.
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "support/child.h"
#include "support/files.h"
#include "threads/futex_call.h"

using namespace systest;

namespace {

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

/// Threads of all kinds of sleep; none of them returns.
void start_sleepers() {
  static Word word{0};
  static Fd never[2] = {Fd{}, Fd{}};
  auto pipe = make_pipe();
  never[0] = std::move(pipe.read), never[1] = std::move(pipe.write);
  const auto start = [](void (*body)()) {
    auto* thread = new Thread{body};
    thread->await_asleep();
  };
  start([] { futex(&word, FUTEX_WAIT, 0); });
  start([] { sleep_for_ever(); });
  start([] {
    char byte;
    (void)!read(never[0], &byte, 1);
  });
}

/// Starts a thread and leaves it alone.
void start(std::function<void()> body) { new Thread{std::move(body)}; }

std::string shell_check() {
  return "test $$ = " + std::to_string(getpid()) + " && test \"$(ls /proc/$$/task)\" = $$ && exit 7";
}

}  // namespace

TEST(ThreadEnd, AnyThreadEndsTheProcess) {
  EXPECT_EQ(reap(spawn([] {
              start_sleepers();
              start([] { syscall(SYS_exit_group, 5); });
              sleep_for_ever();
            })),
            5);
}

TEST(ThreadEnd, ThreadsThatRunAreEndedAsWell) {
  EXPECT_EQ(reap(spawn([] {
              static std::atomic<int> running{0};
              for (int i = 0; i < 3; i++)
                start([] {
                  ++running;
                  for (volatile unsigned long n = 0;; n = n + 1) {
                  }
                });
              while (running < 3) sched_yield();
              syscall(SYS_exit_group, 6);
            })),
            6);
}

TEST(ThreadEnd, ExecByTheFirstThreadEndsTheOthers) {
  EXPECT_EQ(reap(spawn([] {
              start_sleepers();
              execl("/bin/busybox", "sh", "-c", shell_check().c_str(), nullptr);
            })),
            7);
}

TEST(ThreadEnd, ExecByAnotherThreadTakesTheProcessesNumber) {
  EXPECT_EQ(reap(spawn([] {
              start_sleepers();
              const std::string check = shell_check();
              start([&check] { execl("/bin/busybox", "sh", "-c", check.c_str(), nullptr); });
              sleep_for_ever();
            })),
            7);
}

TEST(ThreadEnd, ExecThatFailsLeavesTheThreads) {
  EXPECT_EQ(reap(spawn([] {
              Gate gate;
              std::atomic<bool> lives{false};
              Thread other{[&] {
                gate.wait();
                lives = true;
              }};
              EXPECT_ERRNO(ENOENT, execl("/no/such/program", "x", nullptr));
              gate.open();
              other.join();
              EXPECT_TRUE(lives);
            })),
            0);
}

TEST(ThreadEnd, TheFirstThreadLeavesBeforeTheOthers) {
  auto pipe = make_pipe();
  const pid_t pid = spawn([&] {
    start([&] {
      char byte;
      EXPECT_EQ(read(pipe.read, &byte, 1), 1);
      syscall(SYS_exit, 4);
    });
    syscall(SYS_exit, 3);
  });
  await_state(pid, 'Z');
  int status;
  EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0) << "a thread is left";
  EXPECT_OK(kill(pid, 0));
  EXPECT_EQ(write(pipe.write, "x", 1), 1);
  EXPECT_EQ(reap(pid), 4) << "the last thread's status";
}

TEST(ThreadEnd, AFatalSignalOfOneThreadEndsAll) {
  const pid_t pid = spawn([] {
    start_sleepers();
    start([] { pthread_kill(pthread_self(), SIGTERM); });
    sleep_for_ever();
  });
  EXPECT_EQ(reap(pid), 128 + SIGTERM);
}

TEST(ThreadEnd, DetachedThreadsOfAKilledProcessAreGone) {
  const pid_t pid = spawn([] {
    start_sleepers();
    sleep_for_ever();
  });
  await_state(pid, 'S');
  ASSERT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(reap(pid), 128 + SIGKILL);
  EXPECT_ERRNO(ESRCH, kill(pid, 0));
}
