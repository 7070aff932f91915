#include "kernel/task/process_usage.h"

#include "kernel/sched/sched.h"
#include "kernel/task/process.h"

namespace k::task {

Usage thread_usage(const Task& thread) {
  const sched::CpuTime time = sched::cpu_time(thread);
  Usage usage;
  usage.user_ns = time.user_ns;
  usage.system_ns = time.system_ns;
  usage.voluntary_switches = thread.voluntary_switches();
  usage.involuntary_switches = thread.involuntary_switches();
  usage.minor_faults = thread.minor_faults;
  usage.major_faults = thread.major_faults;
  usage.io = thread.io;
  return usage;
}

Usage process_usage_locked(const Process& process, const Process::Signals& signals) {
  Usage sum = process.dead_threads;
  for (const Task& thread : signals.threads) sum += thread_usage(thread);
  return sum;
}

Usage process_usage(Process& process) {
  Locked signals{process.signals};
  return process_usage_locked(process, *signals);
}

}  // namespace k::task
