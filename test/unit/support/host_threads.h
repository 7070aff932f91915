/// Host threads as CPUs: each runs one sched::Thread, so that everything built on prepare_to_sleep, schedule and wake
/// (wait queues, mutexes, futexes, RCU) runs concurrently under ASan and TSan.
///
/// Invariants  a HostThread's body runs as "its own CPU"; at most 63 live at once. Timers armed by a thread fire while that
///             thread sleeps in schedule(). One that held a mutex is destroyed when those that may spin for it have ended, as no
///             grace period lies between: join all first.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "kernel/sched/thread.h"

namespace k::test {

class HostThread : public sched::Thread {
 public:
  explicit HostThread(std::function<void()> body);
  ~HostThread() { join(); }
  void join();

  std::mutex mutex;
  std::condition_variable woken;

 private:
  std::thread host_;
};

/// Makes the calling host thread (the test itself) CPU 0 with a Thread of its own, for a scope.
class AsThread {
 public:
  AsThread();
  ~AsThread();
  sched::Thread& thread() { return thread_; }

 private:
  HostThread thread_;
};

/// Starts the thread that ends RCU's grace periods, unless it runs: there is one for all tests.
[[nodiscard]] bool start_rcu();

/// Runs `body` as the same thread on another CPU.
void on_another_cpu(const std::function<void()>& body);

/// Spins, politely, until `condition()`.
template <class C>
void until(C condition) {
  while (!condition()) std::this_thread::yield();
}

}  // namespace k::test
