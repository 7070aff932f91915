/// Sessions and their controlling terminals.
///
/// Invariants  a session lives as long as it has process groups and holds its number. Its foreground group is one of its own.
///             A process has the session's terminal if it took it (the leader) or was forked from one that had it, and has not
///             given it up: its turn is the session's, which every taking counts up.
/// Lock order  Rank::session, a leaf but for the wait queues of the terminal.
/// Context     signal_foreground: any.
/// Source      credentials(7), setpgid(2), setsid(2).
#pragma once

#include "drivers/core/tty_owner.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"
#include "kernel/task/pid.h"
#include "kernel/task/rcu_freed.h"

namespace k::task {

class Process;
class ProcessGroup;

class Session final : public drivers::TtySession, public mm::SlabAllocated<Session>, public RcuFreed<Session> {
 public:
  explicit Session(Ref<Pid> pid);
  ~Session() override = default;
  void on_last_ref() override;

  pid_t id() const override { return pid_->number(); }
  pid_t foreground() const override;
  void signal_foreground(int signal) override;
  void hang_up() override;

  RefOrNull<drivers::Terminal> terminal() const;
  /// The controlling terminal of `process`, a member; null when it has none.
  RefOrNull<drivers::Terminal> terminal_of(const Process& process) const;
  /// `leader` takes the terminal, its group comes to the foreground.
  void take_terminal(Ref<drivers::Terminal> terminal, Process& leader, Ref<ProcessGroup> group);
  void lose_terminal();
  void set_foreground_group(RefOrNull<ProcessGroup> group);
  /// The group that was in the foreground when the terminal was hung up; once.
  RefOrNull<ProcessGroup> take_former_foreground();

 private:
  struct Tty {
    RefOrNull<drivers::Terminal> terminal;
    RefOrNull<ProcessGroup> foreground, former_foreground;
    std::uint32_t turn = 0;
    ~Tty();
  };
  Ref<Pid> pid_;
  mutable Guarded<Tty, sync::Rank::session> tty_;
};

}  // namespace k::task
