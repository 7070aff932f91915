/// futex(2) by its raw arguments, and threads whose number and state a test can see.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "support/check.h"

namespace systest {

using Word = std::atomic<std::uint32_t>;

inline long futex(void* word, int operation, unsigned value, const timespec* timeout = nullptr, void* word2 = nullptr,
                  unsigned value3 = 0) {
  return syscall(SYS_futex, word, operation, value, timeout, word2, value3);
}
/// The operations that take a second count where others take a timeout.
inline long futex2(void* word, int operation, unsigned value, std::uintptr_t count2, void* word2, unsigned value3 = 0) {
  return syscall(SYS_futex, word, operation, value, count2, word2, value3);
}
inline std::uint32_t my_tid() { return (std::uint32_t)syscall(SYS_gettid); }

/// `ns` from now on `clock`.
timespec in(clockid_t clock, long ns);

/// Field `index` (from 1, as in proc_pid_stat(5)) of a thread of this process.
std::string thread_stat(pid_t tid, int index);
/// Waits until a thread of this process sleeps.
void await_asleep(pid_t tid);

/// A thread that tells its number before it runs `body`.
class Thread {
 public:
  explicit Thread(std::function<void()> body);
  ~Thread() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  pid_t tid() const { return tid_; }
  void await_asleep() const { systest::await_asleep(tid_); }

 private:
  std::atomic<pid_t> tid_{0};
  std::thread thread_;
};

}  // namespace systest
