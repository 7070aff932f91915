// Files of /proc/PID that tell of namespaces and groups: there is one of each, so they say the same of every process.
#include "fs/procfs/process.h"
#include "kernel/task/process.h"

namespace k::fs::proc {

/// No hierarchy of control groups is mounted: no line.
Result<void> show_control_groups(const Subject&, TextBuffer&) { return {}; }

/// All numbers of the one user namespace, as they are.
Result<void> show_id_map(const Subject&, TextBuffer& out) {
  out.print("{:>10} {:>10} {:>10}\n", 0, 0, ~std::uint32_t{0});
  return {};
}

Result<void> show_setgroups(const Subject&, TextBuffer& out) {
  out.put("allow\n");
  return {};
}

Result<void> show_personality(const Subject& subject, TextBuffer& out) {
  out.print("{:08x}\n", TRY(subject.process())->personality);
  return {};
}

}  // namespace k::fs::proc
