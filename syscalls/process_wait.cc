#include <linux/wait.h>

#include <optional>

#include "kernel/task/lifecycle.h"
#include "kernel/task/process_group.h"
#include "syscalls/calls_process.h"
#include "syscalls/encode_usage.h"
#include "syscalls/pidfd_args.h"

namespace k::sys {
namespace {

using task::IdKind;
using task::WaitReport;
using task::WaitRequest;

constexpr unsigned kKinds = __WNOTHREAD | __WCLONE | static_cast<unsigned>(__WALL);

std::int32_t own_group(const Task& self) {
  sync::LockHeld tree{task::g_task_tree};
  return self.process().group->id();
}

/// The leading fields of siginfo_t for SIGCHLD.
struct ChildInfo {
  std::int32_t number, error, code, padding, pid;
  std::uint32_t uid;
  std::int32_t status;
};

Result<void> write_info(UserAddr to, const WaitReport& report) {
  if (to.value == 0) return {};
  ChildInfo info{};
  if (report.pid != 0) info = {SIGCHLD, 0, report.code, 0, report.pid, report.uid, report.detail};
  return UserOut<ChildInfo>{to}.write(info);
}

enum class IfNone : bool { as_asked, again };

/// P_PIDFD with O_NONBLOCK does not wait, and says EAGAIN. While the file is held its number means no other process.
IfNone select_by_descriptor(WaitRequest& request, const task::PidFile& pidfd) {
  request.kind = IdKind::process;
  request.id = pidfd.pid().number();
  if (!pidfd.nonblocking() || request.options.has(WNOHANG)) return IfNone::as_asked;
  request.options = request.options.with(WNOHANG);
  return IfNone::again;
}

Result<void> select_children(const Task& self, WaitRequest& request, int kind, std::int32_t id) {
  switch (kind) {
    case P_ALL:
      return {};
    case P_PID:
      if (id <= 0) return err(Errno::inval);
      request.kind = IdKind::process;
      request.id = id;
      return {};
    case P_PGID:
      if (id < 0) return err(Errno::inval);
      request.kind = IdKind::group;
      request.id = id == 0 ? own_group(self) : id;
      return {};
    default:
      return err(Errno::inval);
  }
}

}  // namespace

std::int32_t exit(Task&, int status) { task::exit_thread(task::exited_status(status)); }
std::int32_t exit_group(Task&, int status) { task::exit_process(task::exited_status(status)); }

Result<std::int32_t> wait4(Task& self, std::int32_t pid, UserOut<int> status, Flags options,
                           UserOut<uapi::rusage> usage) {
  if (!options.only(WNOHANG | WUNTRACED | WCONTINUED | kKinds)) return err(Errno::inval);
  if (pid == INT32_MIN) return err(Errno::srch);
  WaitRequest request;
  request.options = options.with(WEXITED);
  if (pid > 0) {
    request.kind = IdKind::process;
    request.id = pid;
  } else if (pid != -1) {
    request.kind = IdKind::group;
    request.id = pid == 0 ? own_group(self) : -pid;
  }
  const WaitReport report = TRY(task::wait_for_child(self, request));
  if (report.pid == 0) return 0;
  if (!status.is_null()) TRY(status.write(report.status));
  if (!usage.is_null()) TRY(usage.write(encode(report.usage)));
  return report.pid;
}

namespace {

Result<WaitReport> wait_by_kind(Task& self, int kind, std::int32_t id, Flags options) {
  if (!options.only(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | kKinds)) return err(Errno::inval);
  if (!options.any(WEXITED | WSTOPPED | WCONTINUED)) return err(Errno::inval);
  WaitRequest request;
  request.options = options;
  std::optional<PidfdArg> pidfd;
  IfNone if_none = IfNone::as_asked;
  if (kind == P_PIDFD) {
    if (id < 0) return err(Errno::inval);
    pidfd.emplace(TRY(PidfdArg::find(self, Fd{id})));
    if_none = select_by_descriptor(request, **pidfd);
  } else {
    TRY(select_children(self, request, kind, id));
  }
  const WaitReport report = TRY(task::wait_for_child(self, request));
  if (report.pid == 0 && if_none == IfNone::again) return err(Errno::again);
  return report;
}

}  // namespace

/// The information is written in any case: no child at all when there is none, or when the call fails.
Result<void> waitid(Task& self, int kind, std::int32_t id, UserAddr info, Flags options, UserOut<uapi::rusage> usage) {
  const auto report = wait_by_kind(self, kind, id, options);
  if (report && report->pid != 0 && !usage.is_null()) TRY(usage.write(encode(report->usage)));
  TRY(write_info(info, report ? *report : WaitReport{}));
  if (!report) return err(report.error());
  return {};
}

}  // namespace k::sys
