#include "kernel/task/signal_actions.h"

namespace k::task {
namespace {

bool says_nothing(const Action& a) { return a.handler == 0 && a.flags == 0 && a.restorer == 0 && a.mask == 0; }

}  // namespace

void Actions::set(int number, const Action& action) {
  if (says_nothing(action)) {
    custom_.remove(number);
  } else {
    custom_.add(number);
    entries_[number - 1] = action;
  }
  if (action.is_ignore() || (action.is_default() && kIgnoredByDefault.has(number))) {
    ignored_.add(number);
  } else {
    ignored_.remove(number);
  }
}

void Actions::flush_for_exec() {
  for (SignalSet left = custom_; !left.empty(); left.remove(left.lowest())) {
    const int number = left.lowest();
    Action cleared;
    if (entries_[number - 1].is_ignore()) cleared.handler = 1;
    set(number, cleared);
  }
}

void Actions::flush_caught() {
  const SignalSet handlers = caught();
  for (SignalSet left = handlers; !left.empty(); left.remove(left.lowest())) reset(left.lowest());
}

SignalSet Actions::caught() const {
  SignalSet result;
  for (SignalSet left = custom_; !left.empty(); left.remove(left.lowest())) {
    if (entries_[left.lowest() - 1].handler > 1) result.add(left.lowest());
  }
  return result;
}

SignalSet Actions::explicitly_ignored() const {
  SignalSet result;
  for (SignalSet left = custom_; !left.empty(); left.remove(left.lowest())) {
    if (entries_[left.lowest() - 1].is_ignore()) result.add(left.lowest());
  }
  return result;
}

void Actions::copy_from(const Actions& other) {
  custom_ = other.custom_;
  ignored_ = other.ignored_;
  for (SignalSet left = custom_; !left.empty(); left.remove(left.lowest())) {
    entries_[left.lowest() - 1] = other.entries_[left.lowest() - 1];
  }
}

}  // namespace k::task
