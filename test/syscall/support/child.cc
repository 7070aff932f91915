#include "child.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "check.h"

namespace systest {

int outcome(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static int failed_assertions() {
  const auto& result = *testing::UnitTest::GetInstance()->current_test_info()->result();
  int failed = 0;
  for (int i = 0; i < result.total_part_count(); i++) failed += result.GetTestPartResult(i).failed();
  return failed;
}

pid_t spawn(const std::function<void()>& body) {
  const int before = failed_assertions();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  body();
  _exit(failed_assertions() > before ? kFailedAssertion : 0);
}

int reap(pid_t pid) {
  int status = 0;
  pid_t reaped;
  do reaped = waitpid(pid, &status, 0);
  while (reaped == -1 && errno == EINTR);
  return reaped == pid ? outcome(status) : -1;
}

int in_child(const std::function<void()>& body) { return reap(spawn(body)); }

void become(uid_t uid, gid_t gid) {
  ASSERT_OK(setgroups(0, nullptr));
  ASSERT_OK(setresgid(gid, gid, gid));
  ASSERT_OK(setresuid(uid, uid, uid));
}

int as_user(const std::function<void()>& body) {
  return in_child([&] {
    become(kUser, kUser);
    body();
  });
}

static char state_of(pid_t pid) {
  char path[64];
  char line[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return '?';
  const ssize_t length = read(fd, line, sizeof line - 1);
  close(fd);
  if (length <= 0) return '?';
  line[length] = '\0';
  const char* after_name = strrchr(line, ')');
  return after_name != nullptr ? after_name[2] : '?';
}

void await_state(pid_t pid, char state) {
  while (state_of(pid) != state) {
    ASSERT_NE(state_of(pid), '?') << "no /proc/" << pid << "/stat";
    usleep(1000);
  }
}

Gate::Gate() { EXPECT_OK(pipe2(fds_, O_CLOEXEC)); }

Gate::~Gate() {
  close(fds_[0]);
  close(fds_[1]);
}

void Gate::open() { EXPECT_EQ(write(fds_[1], "", 1), 1); }

void Gate::wait() {
  char byte;
  EXPECT_EQ(read(fds_[0], &byte, 1), 1);
}

Sleeper::Sleeper(const std::function<void()>& prepare) {
  pid_ = spawn([&] {
    prepare();
    ready_.open();
    finish_.wait();
  });
  ready_.wait();
}

Sleeper::~Sleeper() {
  finish_.open();
  EXPECT_EQ(reap(pid_), 0);
}

}  // namespace systest
