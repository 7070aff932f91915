#include <linux/capability.h>

#include <algorithm>

#include "fs/procfs/process.h"
#include "fs/procfs/setting.h"
#include "kernel/task/oom.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

struct LimitRow {
  std::string_view name, unit;
};
constexpr LimitRow kLimits[RLIM_NLIMITS] = {
    {"Max cpu time", "seconds"},    {"Max file size", "bytes"},      {"Max data size", "bytes"},
    {"Max stack size", "bytes"},    {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
    {"Max processes", "processes"}, {"Max open files", "files"},     {"Max locked memory", "bytes"},
    {"Max address space", "bytes"}, {"Max file locks", "locks"},     {"Max pending signals", "signals"},
    {"Max msgqueue size", "bytes"}, {"Max nice priority", ""},       {"Max realtime priority", ""},
    {"Max realtime timeout", "us"},
};

void put_limit(TextBuffer& out, std::uint64_t value) {
  if (value == RLIM64_INFINITY) {
    out.put("unlimited            ");
  } else {
    out.print("{:<21}", value);
  }
}

constexpr int kOomRange = 1000;

}  // namespace

Result<void> show_limits(const Subject& subject, TextBuffer& out) {
  const auto process = TRY(subject.process());
  out.put("Limit                     Soft Limit           Hard Limit           Units     \n");
  for (unsigned i = 0; i < RLIM_NLIMITS; ++i) {
    const task::Limit limit = process->limits.get(i);
    out.print("{:<26}", kLimits[i].name);
    put_limit(out, limit.soft);
    put_limit(out, limit.hard);
    out.print("{:<10}\n", kLimits[i].unit);
  }
  return {};
}

Result<void> show_comm(const Subject& subject, TextBuffer& out) {
  char name[sched::Thread::kNameSize] = {};
  TRY(subject.with_task([&](const Task& t) { t.name().copy(name, sizeof name - 1); }));
  out.print("{}\n", &name[0]);
  return {};
}

Result<void> store_comm(const Subject& subject, std::string_view text) {
  const auto process = TRY(subject.process());
  if (process.get() != &task::current().process()) return err(Errno::inval);
  return subject.with_task([&](const Task& t) { const_cast<Task&>(t).set_name(text); });
}

Result<void> show_oom_score(const Subject& subject, TextBuffer& out) {
  out.print("{}\n", task::oom_score(*TRY(subject.process())));
  return {};
}

Result<void> show_oom_score_adj(const Subject& subject, TextBuffer& out) {
  out.print("{}\n", TRY(subject.process())->oom_score_adj);
  return {};
}

namespace {

/// Below `least` only with privilege, which makes the value the least from then on.
Result<void> set_oom_score_adj(Process& process, int value, int least) {
  const bool privileged = task::current().creds().has(CAP_SYS_RESOURCE);
  if (value < least && !privileged) return err(Errno::acces);
  process.oom_score_adj = value;
  if (privileged) process.oom_score_adj_min = value;
  return {};
}

// The old scale: -17 is never, 15 is first. Source: proc_pid_oom_adj(5).
constexpr int kOldNever = -17, kOldFirst = 15;

}  // namespace

Result<void> store_oom_score_adj(const Subject& subject, std::string_view text) {
  const int value = TRY(number_in(text, -kOomRange, kOomRange));
  const auto process = TRY(subject.process());
  return set_oom_score_adj(*process, value, process->oom_score_adj_min);
}

Result<void> show_oom_adj(const Subject& subject, TextBuffer& out) {
  const int value = TRY(subject.process())->oom_score_adj;
  out.print("{}\n", value == kOomRange ? kOldFirst : std::min(value * -kOldNever / kOomRange, kOldFirst));
  return {};
}

Result<void> store_oom_adj(const Subject& subject, std::string_view text) {
  const int value = TRY(number_in(text, kOldNever, kOldFirst));
  const auto process = TRY(subject.process());
  const int scaled = value == kOldFirst ? kOomRange : value * kOomRange / -kOldNever;
  return set_oom_score_adj(*process, scaled, process->oom_score_adj);
}

}  // namespace k::fs::proc
