// /proc/PID/task/TID/children. Source: proc_tid_children(5).
#include "fs/procfs/process.h"
#include "kernel/task/process.h"

namespace k::fs::proc {

Result<void> show_children(const Subject& subject, TextBuffer& out) {
  const auto parent = TRY(subject.process());
  const sync::LockHeld tree{task::g_task_tree};
  return subject.with_task([&](const Task& thread) {
    for (const Process& child : parent->children) {
      if (task::is_child_of_thread(child, thread)) out.print("{} ", child.id());
    }
  });
}

}  // namespace k::fs::proc
