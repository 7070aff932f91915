#include "kernel/task/process.h"
#include "kernel/task/process_usage.h"
#include "kernel/time/clock.h"
#include "syscalls/calls_misc.h"
#include "syscalls/encode_usage.h"

namespace k::sys {
namespace {

using task::Usage;

long ticks(std::uint64_t ns) { return static_cast<long>(ns / kNsPerTick); }

Usage children_usage(const task::Process& process) {
  sync::LockHeld tree{task::g_task_tree};
  return process.dead_children;
}

Usage with_peak(const Task& self, Usage usage) {
  const std::uint64_t peak = self.address_space().usage().peak_resident_pages;
  if (peak > usage.peak_resident_pages) usage.peak_resident_pages = peak;
  return usage;
}

}  // namespace

Result<void> getrusage(Task& self, int who, UserOut<uapi::rusage> usage) {
  switch (who) {
    case RUSAGE_SELF:
      return usage.write(encode(with_peak(self, task::process_usage(self.process()))));
    case RUSAGE_CHILDREN:
      return usage.write(encode(children_usage(self.process())));
    case RUSAGE_THREAD:
      return usage.write(encode(with_peak(self, task::thread_usage(self))));
    default:
      return err(Errno::inval);
  }
}

Result<std::int64_t> times(Task& self, UserOut<uapi::tms> times) {
  if (!times.is_null()) {
    const Usage own = task::process_usage(self.process());
    const Usage children = children_usage(self.process());
    TRY(times.write({ticks(own.user_ns), ticks(own.system_ns), ticks(children.user_ns), ticks(children.system_ns)}));
  }
  return static_cast<std::int64_t>(time::monotonic_ns() / kNsPerTick);
}

}  // namespace k::sys
