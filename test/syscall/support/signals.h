/// Signal handlers that count, and masks by list.
#pragma once

#include <signal.h>

#include <initializer_list>

namespace systest {

/// What the counting handler saw last; reset by `count_signal`.
struct Seen {
  volatile sig_atomic_t count;
  volatile sig_atomic_t signal;
};
extern Seen seen;

/// Installs a handler that counts into `seen` for `signal`.
void count_signal(int signal, int flags = 0);

sigset_t set_of(std::initializer_list<int> signals);
void block(std::initializer_list<int> signals);
void unblock(std::initializer_list<int> signals);

}  // namespace systest
