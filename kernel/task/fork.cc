#include <linux/capability.h>

#include <optional>

#include "kernel/task/lifecycle.h"
#include "kernel/task/pid_file.h"
#include "kernel/task/process_group.h"
#include "kernel/task/rseq.h"
#include "kernel/task/semaphore_undo.h"
#include "kernel/task/signal_internal.h"
#include "kernel/task/vfork.h"
#include "kernel/time/deadline.h"

namespace k::task {
namespace {

constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                      CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;

bool has(const CloneRequest& request, std::uint64_t flag) { return (request.flags & flag) == flag; }

// Source: clone(2), ERRORS. Linux without namespaces or cgroups refuses their flags the same way.
Result<void> check_flags(const Task& parent, const CloneRequest& request) {
  constexpr std::uint64_t kDetached = 0x0040'0000;  // once a flag of clone(2), otherwise ignored
  if ((request.flags & (kNamespaces | CLONE_INTO_CGROUP)) != 0) return err(Errno::inval);
  if (has(request, CLONE_PIDFD | CLONE_PARENT_SETTID) && request.pidfd.value == request.parent_tid.value)
    return err(Errno::inval);
  if (has(request, CLONE_PIDFD) && (request.flags & (CLONE_THREAD | kDetached)) != 0) return err(Errno::inval);
  if (has(request, CLONE_THREAD) && !has(request, CLONE_SIGHAND)) return err(Errno::inval);
  if (has(request, CLONE_SIGHAND) && !has(request, CLONE_VM)) return err(Errno::inval);
  if (has(request, CLONE_CLEAR_SIGHAND) && has(request, CLONE_SIGHAND)) return err(Errno::inval);
  if (has(request, CLONE_PARENT) && parent.process().is_init()) return err(Errno::inval);
  return {};
}

Result<void> check_thread_limit(const Task& parent) {
  const std::uint64_t limit = parent.process().limits.soft(RLIMIT_NPROC);
  if (parent.user().threads.load(std::memory_order_relaxed) < limit) return {};
  if (parent.user().uid() == 0 || parent.creds().has(CAP_SYS_RESOURCE) || parent.creds().has(CAP_SYS_ADMIN)) return {};
  return err(Errno::again);
}

/// CLONE_SIGHAND without CLONE_THREAD shares the table; its own lock is then the sharers' (SharedActions).
Result<Ref<SharedActions>> actions_for(Task& parent, const CloneRequest& request) {
  if (has(request, CLONE_SIGHAND)) {
    Locked signals{parent.process().signals};
    return signals->actions;
  }
  auto copy = TRY(make_ref<SharedActions>());
  Locked signals{parent.process().signals};
  copy->actions.copy_from(*signals->dispositions());
  if (has(request, CLONE_CLEAR_SIGHAND)) copy->actions.flush_caught();
  return copy;
}

Result<Ref<Process>> process_for(Task& parent, const CloneRequest& request, const Ref<Pid>& pid) {
  if (has(request, CLONE_THREAD)) return Ref<Process>::share(parent.process());
  auto process = TRY(make_ref<Process>(pid, TRY(actions_for(parent, request))));
  const Process& from = parent.process();
  process->limits = from.limits;
  process->oom_score_adj = from.oom_score_adj;
  process->oom_score_adj_min = from.oom_score_adj_min;
  process->personality = from.personality;
  process->terminal_turn = from.terminal_turn.load(std::memory_order_relaxed);
  process->dumpable = from.dumpable;
  process->set_executable(from.executable());
  process->started_ns = time::monotonic_ns();
  process->exit_signal = has(request, CLONE_PARENT) ? from.exit_signal : request.exit_signal;
  return process;
}

Result<void> share_or_copy_files(Task& parent, Task& child, const CloneRequest& request) {
  child.set_fds(has(request, CLONE_FILES) ? Ref<fs::FdTable>::share(parent.fds()) : TRY(parent.fds().copy()));
  child.set_fs_context(has(request, CLONE_FS) ? Ref<fs::FsContext>::share(parent.fs_context())
                                              : TRY(parent.fs_context().copy()));
  return {};
}

Result<void> share_or_copy_memory(Task& parent, Task& child, const CloneRequest& request) {
  if (has(request, CLONE_VM)) {
    child.set_address_space(Ref<mm::AddressSpace>::share(parent.address_space()));
    // vfork's child borrows the stack, so it keeps the alternate one too.
    if (has(request, CLONE_VFORK)) child.alt_stack = parent.alt_stack;
  } else {
    auto copy = TRY(parent.address_space().fork());
    copy->binding().barriers.store(parent.address_space().binding().barriers.load());
    child.set_address_space(std::move(copy));
    child.alt_stack = parent.alt_stack;
  }
  return {};
}

Result<void> copy_registers(Task& parent, Task& child, const CloneRequest& request) {
  child.fpu = TRY(arch::fpu_create());
  arch::fpu_clone(child.fpu, parent.fpu);
  {
    const arch::IrqOff off;
    arch::save_tls(child.tls);
  }
  if (has(request, CLONE_SETTLS)) {
    if (request.tls >= arch::kUserEnd) return err(Errno::perm);
    child.tls.fs_base = request.tls;
  }
  child.is_user = true;
  child.regs() = parent.regs();
  child.regs().set_return(0);
  if (request.stack.value != 0) child.regs().rsp = request.stack.value;
  return {};
}

void copy_settings(const Task& parent, Task& child, const CloneRequest& request) {
  child.blocked = parent.blocked;
  child.memory_policy = parent.memory_policy;
  child.io_priority = parent.io_priority.load(std::memory_order_relaxed);
  child.audit.login_uid = parent.audit.login_uid.load();
  child.audit.session = parent.audit.session.load();
  child.timer_slack_ns = child.default_timer_slack_ns = parent.timer_slack_ns;
  if (!has(request, CLONE_VM)) set_rseq(child, parent.rseq_area, parent.rseq_signature);
  if (has(request, CLONE_CHILD_SETTID)) child.set_child_tid = request.child_tid;
  if (has(request, CLONE_CHILD_CLEARTID)) child.clear_child_tid = request.child_tid;
}

[[noreturn]] void start_child(void* argument) {
  Task& self = *static_cast<Task*>(argument);
  if (self.set_child_tid.value != 0)
    (void)arch::store_user_u32(self.set_child_tid, static_cast<std::uint32_t>(self.tid()));
  arch::enter_user_mode(&self.regs());
}

/// A signal for the group or the process must not miss the child, so it is taken before the child exists.
Result<void> check_no_signal(const Task& parent) {
  if (parent.signal_pending()) return err(Errno::interrupted);
  return {};
}

Result<void> publish_thread(const Task& parent, Task& child) {
  Locked signals{child.process().signals};
  TRY(check_no_signal(parent));
  signals->threads.push_back(child);
  ++signals->live_threads;
  child.pid->task.store(&child, std::memory_order_release);
  return {};
}

Result<void> publish_process(Task& parent, Task& child, const CloneRequest& request) {
  Process& process = child.process();
  sync::LockHeld tree{g_task_tree};
  TRY(check_no_signal(parent));
  Process& creator = parent.process();
  Process* const its_parent = has(request, CLONE_PARENT) ? creator.parent.load(std::memory_order_relaxed) : &creator;
  {
    Locked signals{process.signals};
    signals->threads.push_back(child);
    signals->live_threads = 1;
  }
  process.parent.store(its_parent, std::memory_order_release);
  process.maker = has(request, CLONE_PARENT) ? creator.maker : RefOrNull<Pid>{parent.pid};
  process.ref();  // its parent's, until it was waited for
  its_parent->children.push_back(process);
  process.group = Ref<ProcessGroup>::share(*creator.group);
  process.group->add(process);
  child.pid->process.store(&process, std::memory_order_release);
  child.pid->task.store(&child, std::memory_order_release);
  return {};
}

Result<void> prepare(Task& parent, Task& child, const CloneRequest& request) {
  TRY(child.init(parent.name(), &start_child, &child));
  TRY(copy_registers(parent, child, request));
  TRY(share_or_copy_files(parent, child, request));
  if (has(request, CLONE_SYSVSEM)) TRY(share_semaphore_undos(parent, child));
  copy_settings(parent, child, request);
  return share_or_copy_memory(parent, child, request);
}

/// CLONE_PIDFD's descriptor, on its way. It is the parent's, so it is reserved when the child's table has been copied.
struct PidfdToCome {
  fs::FdTable::Slot slot;
  Ref<fs::File> file;
};
Result<std::optional<PidfdToCome>> reserve_pidfd(Task& parent, const Task& child, const CloneRequest& request) {
  if (!has(request, CLONE_PIDFD)) return std::nullopt;
  auto file = TRY(PidFile::create(child.pid, {}));
  auto slot = TRY(parent.fds().reserve(parent.process().limits.soft(RLIMIT_NOFILE)));
  if (!arch::store_user_u32(request.pidfd, static_cast<std::uint32_t>(slot.number()))) return err(Errno::fault);
  return PidfdToCome{std::move(slot), std::move(file)};
}

/// Undoes prepare() for a child that never ran.
void drop_resources(Task& child) {
  child.set_address_space(nullptr);
  child.set_fds(nullptr);
  child.set_fs_context(nullptr);
}

Result<void> prepare_and_publish(Task& parent, Task& child, const CloneRequest& request) {
  TRY(prepare(parent, child, request));
  auto pidfd = TRY(reserve_pidfd(parent, child, request));
  TRY(has(request, CLONE_THREAD) ? publish_thread(parent, child) : publish_process(parent, child, request));
  if (pidfd) std::move(pidfd->slot).publish(std::move(pidfd->file), fs::FdFlag::cloexec);
  return {};
}

void wait_for_vfork(VforkWait& wait) {
  (void)wait.queue.wait_killable([&] { return wait.done.load(std::memory_order_acquire); });
}

}  // namespace

Result<pid_t> clone(Task& parent, const CloneRequest& request) {
  TRY(check_flags(parent, request));
  TRY(check_thread_limit(parent));
  RefOrNull<VforkWait> vfork;
  if (has(request, CLONE_VFORK)) vfork = TRY(make_ref<VforkWait>());
  auto pid = TRY(allocate_pid(request.wanted_tid));
  const pid_t number = pid->number();
  auto process = TRY(process_for(parent, request, pid));
  Box<Task> child =
      TRY(make<Task>(std::move(pid), std::move(process), parent.shared_credentials(), Ref<User>::share(parent.user())));
  child->vfork = vfork;
  if (auto published = prepare_and_publish(parent, *child, request); !published) {
    drop_resources(*child);
    return err(published.error());
  }
  if (has(request, CLONE_PARENT_SETTID))
    (void)arch::store_user_u32(request.parent_tid, static_cast<std::uint32_t>(number));
  sched::wake_new(*child.release());
  if (vfork) wait_for_vfork(*vfork);
  return number;
}

}  // namespace k::task
