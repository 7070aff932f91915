// /sys/devices/system/cpu: which CPUs there are, and how they lie together.
#include "arch/include/arch/percpu.h"
#include "fs/sysfs/cpu_list.h"
#include "fs/sysfs/tables.h"

namespace k::fs::sysfs {
namespace {

unsigned own_cpu(const Subject& subject) { return static_cast<unsigned>(subject.detail()); }

Result<void> show_all(const Subject&, TextBuffer& out) {
  put_list(out, 0, arch::cpu_count());
  return {};
}
Result<void> show_all_mask(const Subject&, TextBuffer& out) {
  put_mask(out, 0, arch::cpu_count(), arch::cpu_count());
  return {};
}
Result<void> show_none(const Subject&, TextBuffer& out) {
  out.put('\n');
  return {};
}
Result<void> show_highest_possible(const Subject&, TextBuffer& out) {
  out.print("{}\n", arch::kMaxCpus - 1);
  return {};
}

// One package, whose cores have a thread each: what /proc/cpuinfo says.
Result<void> show_package(const Subject&, TextBuffer& out) {
  out.put("0\n");
  return {};
}
Result<void> show_core(const Subject& subject, TextBuffer& out) {
  out.print("{}\n", own_cpu(subject));
  return {};
}
Result<void> show_own(const Subject& subject, TextBuffer& out) {
  put_list(out, own_cpu(subject), own_cpu(subject) + 1);
  return {};
}
Result<void> show_own_mask(const Subject& subject, TextBuffer& out) {
  put_mask(out, own_cpu(subject), own_cpu(subject) + 1, arch::cpu_count());
  return {};
}

constexpr Entry kTopologyEntries[] = {
    attribute("core_id", show_core),
    attribute("physical_package_id", show_package),
    attribute("die_id", show_package),
    attribute("core_cpus", show_own_mask),
    attribute("core_cpus_list", show_own),
    attribute("thread_siblings", show_own_mask),
    attribute("thread_siblings_list", show_own),
    attribute("core_siblings", show_all_mask),
    attribute("core_siblings_list", show_all),
    attribute("die_cpus", show_all_mask),
    attribute("die_cpus_list", show_all),
    attribute("package_cpus", show_all_mask),
    attribute("package_cpus_list", show_all),
};
constexpr proc::DirectoryTable kTopology{kTopologyEntries};
constexpr Entry kOneCpuEntries[] = {folder("topology", kTopology)};
constexpr proc::DirectoryTable kOneCpu{kOneCpuEntries};
constexpr Entry kOneCpuEntry = folder("", kOneCpu);

std::int64_t next_cpu(const Subject&, std::int64_t from) { return from < arch::cpu_count() ? from : -1; }
Result<Subject> cpu_subject(const Subject& parent, std::int64_t number) {
  if (number >= arch::cpu_count()) return err(Errno::srch);
  return parent.with_detail(static_cast<int>(number));
}
constexpr proc::NumberedEntries kCpus{next_cpu, cpu_subject, &kOneCpuEntry, "cpu"};

constexpr Entry kEntries[] = {
    attribute("online", show_all),   attribute("possible", show_all),  attribute("present", show_all),
    attribute("offline", show_none), attribute("isolated", show_none), attribute("kernel_max", show_highest_possible),
};

}  // namespace

constexpr proc::DirectoryTable kCpuDirectory{kEntries, &kCpus};

}  // namespace k::fs::sysfs
