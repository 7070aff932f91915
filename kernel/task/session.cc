#include "kernel/task/session.h"

#include "kernel/task/process_group.h"
#include "kernel/task/signal.h"

namespace k::task {

Session::Tty::~Tty() = default;

Session::Session(Ref<Pid> pid) : pid_(std::move(pid)) { pid_->session.store(this, std::memory_order_release); }

void Session::on_last_ref() {
  Session* self = this;
  pid_->session.compare_exchange_strong(self, nullptr, std::memory_order_acq_rel);
  free_later();
}

pid_t Session::foreground() const {
  Locked tty{tty_};
  return tty->foreground ? tty->foreground->id() : 0;
}

void Session::signal_foreground(int signal) {
  // A group's memory outlives the read section, so no reference is taken: dropping one here, perhaps the last, is not
  // for an interrupt handler.
  const sync::rcu::ReadGuard reading;
  ProcessGroup* group = nullptr;
  {
    Locked tty{tty_};
    group = tty->foreground.get();
  }
  if (group != nullptr) send_to_group(*group, SignalInfo::from_kernel(signal));
}

void Session::hang_up() {
  RefOrNull<drivers::Terminal> terminal;
  RefOrNull<ProcessGroup> older;
  {
    Locked tty{tty_};
    std::swap(tty->terminal, terminal);
    older = std::exchange(tty->former_foreground, std::move(tty->foreground));
  }
  const sync::rcu::ReadGuard reading;
  if (Process* leader = pid_->process.load(std::memory_order_acquire)) {
    (void)send_to_process(*leader, SignalInfo::from_kernel(SIGHUP));
    (void)send_to_process(*leader, SignalInfo::from_kernel(SIGCONT));
  }
}

RefOrNull<ProcessGroup> Session::take_former_foreground() {
  Locked tty{tty_};
  return std::move(tty->former_foreground);
}

RefOrNull<drivers::Terminal> Session::terminal() const {
  Locked tty{tty_};
  return tty->terminal;
}

RefOrNull<drivers::Terminal> Session::terminal_of(const Process& process) const {
  Locked tty{tty_};
  if (process.terminal_turn.load(std::memory_order_relaxed) != tty->turn) return nullptr;
  return tty->terminal;
}

void Session::take_terminal(Ref<drivers::Terminal> terminal, Process& leader, Ref<ProcessGroup> group) {
  RefOrNull<drivers::Terminal> former = std::move(terminal);
  RefOrNull<ProcessGroup> former_group = std::move(group);
  Locked tty{tty_};
  std::swap(tty->terminal, former);
  std::swap(tty->foreground, former_group);
  leader.terminal_turn.store(++tty->turn, std::memory_order_relaxed);
}

void Session::lose_terminal() {
  RefOrNull<drivers::Terminal> terminal;
  RefOrNull<ProcessGroup> group;
  Locked tty{tty_};
  std::swap(tty->terminal, terminal);
  std::swap(tty->foreground, group);
}

void Session::set_foreground_group(RefOrNull<ProcessGroup> group) {
  Locked tty{tty_};
  std::swap(tty->foreground, group);
}

}  // namespace k::task
