#include "kernel/task/lifecycle_internal.h"
#include "kernel/task/process_group.h"
#include "kernel/task/wait_rules.h"

#include <linux/wait.h>

namespace k::task {
namespace {

bool selects(const WaitRequest& request, const Process& child) {
  const ChildView view{child.id(), child.group->id(), child.exit_signal};
  return wait_selects(request, view);
}

WaitReport report_of(const Process& child, int code, int status, int detail) {
  WaitReport report;
  report.pid = child.id();
  report.uid = child.exit_uid;
  report.code = code;
  report.status = status;
  report.detail = detail;
  return report;
}

/// The end, stop or continuation that `child` has to report; pid 0 when none is asked for.
WaitReport event_of(Process& child, lib::Flags options) {
  if (child.life == Life::zombie) {
    if (!options.has(WEXITED)) return {};
    const EndOfProcess end = describe_end(child.exit_status);
    return report_of(child, end.code, child.exit_status, end.detail);
  }
  if (child.report == Process::Report::stopped && options.has(WSTOPPED)) {
    return report_of(child, CLD_STOPPED, stopped_status(child.stop_signal), child.stop_signal);
  }
  if (child.report == Process::Report::continued && options.has(WCONTINUED)) {
    return report_of(child, CLD_CONTINUED, kContinuedStatus, SIGCONT);
  }
  return {};
}

/// Takes the event unless it is only looked at (WNOWAIT). Returns what must be dropped after the lock.
RefOrNull<Process> consume(Process& parent, Process& child, WaitReport& report, lib::Flags options) {
  report.usage = usage_of(child);
  report.usage += child.dead_children;
  if (options.has(WNOWAIT)) return nullptr;
  if (child.life != Life::zombie) {
    child.report = Process::Report::none;
    return nullptr;
  }
  parent.dead_children += report.usage;
  parent.children.erase(parent.children.iterator_to(child));
  return unlink_ended(child);
}

bool is_meant(const Task& self, const WaitRequest& request, const Process& child) {
  if (!selects(request, child)) return false;
  return !request.options.has(__WNOTHREAD) || is_child_of_thread(child, self);
}

/// One look at all children. ECHILD when none of them is meant; pid 0 when none has anything to report.
Result<WaitReport> look(const Task& self, const WaitRequest& request) {
  Process& parent = self.process();
  RefOrNull<Process> dropped;
  sync::LockHeld tree{g_task_tree};
  bool any = false;
  for (Process& child : parent.children) {
    if (!is_meant(self, request, child)) continue;
    any = true;
    WaitReport report = event_of(child, request.options);
    if (report.pid == 0) continue;
    dropped = consume(parent, child, report, request.options);
    return report;
  }
  if (!any) return err(Errno::child);
  return WaitReport{};
}

}  // namespace

Ref<Process> unlink_ended(Process& process) {
  process.life = Life::reaped;
  process.group->remove(process);
  process.group.reset();
  Process* expected = &process;
  process.pid->process.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel);
  return Ref<Process>::adopt(process);
}

Result<WaitReport> wait_for_child(Task& self, const WaitRequest& request) {
  Result<WaitReport> seen = look(self, request);
  if (!seen || seen->pid != 0 || request.options.has(WNOHANG)) return seen;
  TRY(self.process().child_events.wait_until([&] {
    seen = look(self, request);
    return !seen || seen->pid != 0;
  }));
  return seen;
}

}  // namespace k::task
