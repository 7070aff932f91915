// What terminals ask about the calling process. Source: ioctl_tty(2), POSIX 11.1.4 "Terminal Access Control".
#include "kernel/task/job_control.h"

#include <linux/capability.h>

#include "drivers/core/tty_owner.h"
#include "kernel/task/process_group.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

using drivers::Terminal;
using drivers::TtyAccess;
using drivers::TtySession;

Ref<ProcessGroup> own_group(const Task& self) {
  sync::LockHeld tree{g_task_tree};
  return Ref<ProcessGroup>::share(*self.process().group);
}

bool leads(const Session& session, const Task& self) { return session.id() == self.process().id(); }

/// `self`'s group when it has `terminal` as its controlling one, else ENOTTY.
Result<Ref<ProcessGroup>> group_controlled_by(const Task& self, const Terminal& terminal) {
  auto group = own_group(self);
  if (group->session().terminal_of(self.process()).get() != &terminal) return err(Errno::notty);
  return group;
}

bool group_is_orphaned(ProcessGroup& group) {
  sync::LockHeld tree{g_task_tree};
  return is_orphaned(group, nullptr);
}

bool blocks_or_ignores(const Task& self, int signal) {
  Locked signals{self.process().signals};
  return self.blocked.has(signal) || signals->dispositions()->is_ignored(signal);
}

void connect(Session& session, Task& leader, ProcessGroup& group, Terminal& terminal) {
  session.take_terminal(Ref<Terminal>::share(terminal), leader.process(), Ref<ProcessGroup>::share(group));
  terminal.set_session(Ref<TtySession>::share(session));
}

class Controller final : public drivers::JobControl {
 public:
  RefOrNull<Terminal> controlling_terminal() override {
    return own_group(current())->session().terminal_of(current().process());
  }

  Result<void> check_access(Terminal& terminal, TtyAccess access) override {
    Task& self = current();
    auto group = own_group(self);
    Session& session = group->session();
    if (session.terminal_of(self.process()).get() != &terminal) return {};
    const pid_t foreground = session.foreground();
    if (foreground == 0 || foreground == group->id()) return {};
    const int signal = access == TtyAccess::read ? SIGTTIN : SIGTTOU;
    if (blocks_or_ignores(self, signal)) {
      if (access == TtyAccess::read) return err(Errno::io);
      return {};
    }
    if (group_is_orphaned(*group)) return err(Errno::io);
    send_to_group(*group, SignalInfo::from_kernel(signal));
    return err(Errno::interrupted);
  }

  void acquire_on_open(Terminal& terminal) override {
    Task& self = current();
    auto group = own_group(self);
    Session& session = group->session();
    if (leads(session, self) && !session.terminal() && !terminal.session()) connect(session, self, *group, terminal);
  }

  Result<void> acquire(Terminal& terminal, int steal, bool readable) override {
    Task& self = current();
    auto group = own_group(self);
    Session& session = group->session();
    if (!leads(session, self)) return err(Errno::perm);
    if (session.terminal()) {
      if (session.terminal().get() == &terminal && terminal.session().get() == &session) return {};
      return err(Errno::perm);
    }
    if (const RefOrNull<TtySession> owner = terminal.session()) {
      if (steal != 1 || !self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
      static_cast<Session&>(*owner).lose_terminal();
    }
    if (!readable && !self.creds().has(CAP_SYS_ADMIN)) return err(Errno::perm);
    connect(session, self, *group, terminal);
    return {};
  }

  Result<void> release(Terminal& terminal) override {
    Task& self = current();
    auto group = TRY(group_controlled_by(self, terminal));
    Session& session = group->session();
    if (!leads(session, self)) {  // it goes for this process alone, and for children from now on
      self.process().terminal_turn.store(0, std::memory_order_relaxed);
      return {};
    }
    session.signal_foreground(SIGHUP);
    session.signal_foreground(SIGCONT);
    session.lose_terminal();
    terminal.set_session(nullptr);
    return {};
  }

  Result<pid_t> foreground(Terminal& terminal) override {
    return TRY(group_controlled_by(current(), terminal))->session().foreground();
  }

  Result<void> set_foreground(Terminal& terminal, pid_t number) override {
    if (number < 0) return err(Errno::inval);
    auto group = TRY(group_controlled_by(current(), terminal));
    RefOrNull<ProcessGroup> chosen = find_live_group(number);
    if (!chosen) return err(Errno::srch);
    if (&chosen->session() != &group->session()) return err(Errno::perm);
    group->session().set_foreground_group(std::move(chosen));
    return {};
  }

  Result<pid_t> session_id(Terminal& terminal) override {
    return TRY(group_controlled_by(current(), terminal))->session().id();
  }

  bool is_administrator() override { return current().creds().has(CAP_SYS_ADMIN); }
};

constinit Controller g_controller;

}  // namespace

void register_job_control() { drivers::set_job_control(g_controller); }

}  // namespace k::task
