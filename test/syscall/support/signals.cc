#include "signals.h"

#include "check.h"

namespace systest {

Seen seen;

static void on_signal(int signal) {
  seen.count = seen.count + 1;
  seen.signal = signal;
}

void count_signal(int signal, int flags) {
  seen.count = 0;
  seen.signal = 0;
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = flags;
  ASSERT_OK(sigaction(signal, &action, nullptr));
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  return set;
}

void block(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  ASSERT_OK(sigprocmask(SIG_BLOCK, &set, nullptr));
}

void unblock(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  ASSERT_OK(sigprocmask(SIG_UNBLOCK, &set, nullptr));
}

}  // namespace systest
