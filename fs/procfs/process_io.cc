// /proc/PID/io. Source: proc_pid_io(5).
#include "fs/procfs/process.h"
#include "kernel/task/process_usage.h"

namespace k::fs::proc {
namespace {

/// A process's are those of its threads and of the children that it has waited for.
Result<task::IoCounts> counts_of(const Subject& subject) {
  task::IoCounts sum;
  if (subject.is_thread()) {
    TRY(subject.with_task([&](const Task& t) { sum = t.io; }));
    return sum;
  }
  const auto process = TRY(subject.process());
  sum = task::process_usage(*process).io;
  sync::LockHeld tree{task::g_task_tree};
  sum += process->dead_children.io;
  return sum;
}

}  // namespace

Result<void> show_io(const Subject& subject, TextBuffer& out) {
  TRY(subject.check_access());
  const task::IoCounts counts = TRY(counts_of(subject));
  out.print("rchar: {}\nwchar: {}\nsyscr: {}\nsyscw: {}\n", counts.bytes_read, counts.bytes_written, counts.reads,
            counts.writes);
  // No file system is on a device.
  out.put("read_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
  return {};
}

}  // namespace k::fs::proc
