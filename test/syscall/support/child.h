/// Forked children whose failed assertions count in the test that made them.
///
/// Invariants  a child never returns into gtest: it ends by _exit.
#pragma once

#include <sys/types.h>

#include <functional>

namespace systest {

/// What a child that failed an assertion exits with.
inline constexpr int kFailedAssertion = 99;

/// A wait status as a shell shows it: the exit code, or 128 + n for signal n.
int outcome(int wait_status);

/// Forks; the child runs `body` and exits 0, or kFailedAssertion if an assertion failed.
pid_t spawn(const std::function<void()>& body);

/// Waits for `pid` to end and answers its outcome, -1 if there is no such child.
int reap(pid_t pid);

/// spawn and reap in one.
int in_child(const std::function<void()>& body);

/// Becomes `uid` with `gid` and no other groups, for good. Assertions fail if that is refused.
void become(uid_t uid, gid_t gid);

/// in_child as an unprivileged user (uid and gid kUser).
inline constexpr uid_t kUser = 1000;
int as_user(const std::function<void()>& body);

/// Waits until another process's state letter in /proc/PID/stat is `state`.
/// The only way to know that a process has gone to sleep without a timing assumption.
void await_state(pid_t pid, char state);

/// One-shot signal between a process and its forked relatives.
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void open();
  void wait();

 private:
  int fds_[2];
};

/// A child that ran `prepare` and then waits until the object ends.
class Sleeper {
 public:
  explicit Sleeper(const std::function<void()>& prepare = [] {});
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  operator pid_t() const { return pid_; }

 private:
  Gate ready_, finish_;
  pid_t pid_;
};

}  // namespace systest
