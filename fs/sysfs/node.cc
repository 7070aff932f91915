// /sys/devices/system/node: all memory is in one node.
#include "arch/include/arch/percpu.h"
#include "fs/sysfs/cpu_list.h"
#include "fs/sysfs/tables.h"

namespace k::fs::sysfs {
namespace {

Result<void> show_only_node(const Subject&, TextBuffer& out) {
  out.put("0\n");
  return {};
}
Result<void> show_distance(const Subject&, TextBuffer& out) {
  out.put("10\n");
  return {};
}
Result<void> show_cpu_list(const Subject&, TextBuffer& out) {
  put_list(out, 0, arch::cpu_count());
  return {};
}
Result<void> show_cpu_mask(const Subject&, TextBuffer& out) {
  put_mask(out, 0, arch::cpu_count(), arch::cpu_count());
  return {};
}

constexpr Entry kNodeEntries[] = {
    attribute("cpulist", show_cpu_list),
    attribute("cpumap", show_cpu_mask),
    attribute("distance", show_distance),
};
constexpr proc::DirectoryTable kNode{kNodeEntries};

constexpr Entry kEntries[] = {
    attribute("online", show_only_node),
    attribute("possible", show_only_node),
    attribute("has_cpu", show_only_node),
    attribute("has_memory", show_only_node),
    attribute("has_normal_memory", show_only_node),
    folder("node0", kNode),
};

}  // namespace

constexpr proc::DirectoryTable kNodeDirectory{kEntries};

}  // namespace k::fs::sysfs
