/// The rules of wait(2) that need no process: which child is meant, what its status says. Pure.
/// Source      wait(2), waitid(2), <linux/wait.h>.
#pragma once

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/wait.h>

#include "kernel/task/lifecycle.h"

namespace k::task {

struct ChildView {
  pid_t id, group;
  int exit_signal;
};

/// A child that does not send SIGCHLD when it ends is a "clone child", which only __WALL and __WCLONE mean.
constexpr bool wait_selects(const WaitRequest& request, const ChildView& child) {
  const bool is_clone = child.exit_signal != SIGCHLD;
  if (!request.options.has(static_cast<unsigned>(__WALL)) && is_clone != request.options.has(__WCLONE)) return false;
  switch (request.kind) {
    case IdKind::all:
      return true;
    case IdKind::process:
      return child.id == request.id;
    case IdKind::group:
      return child.group == request.id;
  }
  return false;
}

struct EndOfProcess {
  int code;    // CLD_EXITED, CLD_KILLED, CLD_DUMPED
  int detail;  // exit code or signal
};
constexpr EndOfProcess describe_end(int status) {
  const int signal = status & 0x7f;
  if (signal == 0) return {CLD_EXITED, status >> 8 & 0xff};
  return {(status & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED, signal};
}

constexpr int stopped_status(int signal) { return signal << 8 | 0x7f; }
inline constexpr int kContinuedStatus = 0xffff;

}  // namespace k::task
