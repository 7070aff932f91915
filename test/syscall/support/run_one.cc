#include "run_one.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace systest {

static constexpr int kSkipped = 77;
static constexpr timespec kTimeLimit{30, 0};

/// Prints failed assertions as TAP comments the moment they happen, whichever process they are in.
class FailurePrinter : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.passed()) return;
    std::string text = std::string("# ") + (result.file_name() ? result.file_name() : "?") + ":" +
                       std::to_string(result.line_number()) + ": ";
    for (const char* c = result.message(); *c != '\0'; c++) *c == '\n' ? text += "; " : text += *c;
    text += '\n';
    if (write(STDOUT_FILENO, text.data(), text.size()) == -1) _exit(1);
  }
};

[[noreturn]] static void run_inside(const std::string& name, const std::string& directory) {
  setsid();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  umask(022);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY);
  if (null > 0) {
    dup2(null, STDIN_FILENO);
    close(null);
  }
  if (chdir(directory.c_str()) == -1) _exit(1);

  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new FailurePrinter);
  testing::GTEST_FLAG(filter) = name;
  const int failed = RUN_ALL_TESTS();
  const auto& unit = *testing::UnitTest::GetInstance();
  _exit(failed != 0 ? 1 : unit.skipped_test_count() > 0 ? kSkipped : 0);
}

/// The wait status of `pid`, which is killed with its whole session's first group after the limit.
static int wait_with_limit(pid_t pid, const sigset_t& child_signal, bool& timed_out) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (sigtimedwait(&child_signal, nullptr, &kTimeLimit) != -1 || errno == EINTR) continue;
    timed_out = true;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    break;
  }
  kill(-pid, SIGKILL);
  return status;
}

static void remove_tree(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
    umount2(entry.path().c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  std::filesystem::remove_all(directory, ignored);
}

static std::string verdict(int status, bool timed_out) {
  if (timed_out) return "timed out";
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 1 ? "failed" : "exit " + std::to_string(WEXITSTATUS(status));
}

bool run_one(std::size_t number, const std::string& name) {
  sigset_t child_signal;
  sigemptyset(&child_signal);
  sigaddset(&child_signal, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_signal, nullptr);

  char directory[] = "/tmp/systest.XXXXXX";
  if (mkdtemp(directory) == nullptr) perror("mkdtemp");
  chmod(directory, 0755);
  const pid_t pid = fork();
  if (pid == 0) run_inside(name, directory);
  bool timed_out = false;
  const int status = pid == -1 ? 0x100 : wait_with_limit(pid, child_signal, timed_out);
  remove_tree(directory);

  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const bool passed = !timed_out && (code == 0 || code == kSkipped);
  if (passed)
    printf("ok %zu - %s%s\n", number, name.c_str(), code == kSkipped ? " # SKIP" : "");
  else
    printf("not ok %zu - %s # %s\n", number, name.c_str(), verdict(status, timed_out).c_str());
  return passed;
}

}  // namespace systest
