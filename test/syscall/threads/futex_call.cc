#include "threads/futex_call.h"

#include <sched.h>

#include <sstream>

#include "support/files.h"

namespace systest {

timespec in(clockid_t clock, long ns) {
  timespec now;
  clock_gettime(clock, &now);
  now.tv_nsec += ns % 1000000000;
  now.tv_sec += ns / 1000000000 + now.tv_nsec / 1000000000;
  now.tv_nsec %= 1000000000;
  return now;
}

std::string thread_stat(pid_t tid, int index) {
  const std::string all = slurp(("/proc/self/task/" + std::to_string(tid) + "/stat").c_str());
  const std::size_t name_end = all.rfind(')');
  if (name_end == std::string::npos) return all;
  std::istringstream rest(all.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= index; i++) rest >> field;
  return field;
}

void await_asleep(pid_t tid) {
  while (thread_stat(tid, 3) != "S") {
    ASSERT_NE(thread_stat(tid, 3), "<ENOENT>") << "thread " << tid << " has gone";
    usleep(1000);
  }
}

Thread::Thread(std::function<void()> body)
    : thread_([this, body = std::move(body)] {
        tid_ = (pid_t)my_tid();
        body();
      }) {
  while (tid_ == 0) sched_yield();
}

}  // namespace systest
