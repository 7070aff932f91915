#include "arch/include/arch/boot_info.h"
#include "fs/procfs/system.h"
#include "fs/vfs/char_device.h"
#include "fs/vfs/superblock.h"
#include "kernel/sched/sched.h"
#include "kernel/task/process_count.h"
#include "kernel/task/system_identity.h"
#include "kernel/time/clock.h"

namespace k::fs::proc {
namespace {

constexpr std::uint64_t kNsPerCentisecond = 10'000'000;

/// Seconds with two digits behind the point.
void put_centiseconds(TextBuffer& out, std::uint64_t ns) {
  const std::uint64_t hundredths = ns / kNsPerCentisecond;
  out.print("{}.{:02}", hundredths / 100, hundredths % 100);
}

/// Fixed point with 16 bits behind the point, printed with two digits.
void put_load(TextBuffer& out, std::uint64_t load) {
  const std::uint64_t rounded = load + (1 << 16) / 200;
  out.print("{}.{:02} ", rounded >> 16, ((rounded & 0xffff) * 100) >> 16);
}

std::uint64_t idle_ns() {
  std::uint64_t sum = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) sum += sched::cpu_counters(cpu).idle_ns;
  return sum;
}

}  // namespace

Result<void> show_command_line(const Subject&, TextBuffer& out) {
  out.print("{}\n", arch::boot_info().command_line);
  return {};
}

Result<void> show_version(const Subject&, TextBuffer& out) {
  out.print("{} version {} (hardtack) ({}) {}\n", task::kSystemName, task::kRelease, "clang 19", task::kVersion);
  return {};
}

Result<void> show_uptime(const Subject&, TextBuffer& out) {
  put_centiseconds(out, time::boottime_ns());
  out.put(' ');
  put_centiseconds(out, idle_ns());
  out.put('\n');
  return {};
}

Result<void> show_load_average(const Subject&, TextBuffer& out) {
  for (const std::uint64_t load : sched::load_average()) put_load(out, load);
  out.print("{}/{} {}\n", sched::runnable_count(), task::count_threads(), task::last_pid());
  return {};
}

Result<void> show_filesystems(const Subject&, TextBuffer& out) {
  for (const FilesystemType* t = FilesystemType::next(nullptr); t != nullptr; t = FilesystemType::next(t)) {
    out.print("{}\t{}\n", t->needs_device() ? "" : "nodev", t->name());
  }
  return {};
}

Result<void> show_devices(const Subject&, TextBuffer& out) {
  out.put("Character devices:\n  1 mem\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n\nBlock devices:\n");
  return {};
}

/// A heading stands only above a disk, and there is none.
Result<void> show_partitions(const Subject&, TextBuffer&) { return {}; }

Result<void> show_swaps(const Subject&, TextBuffer& out) {
  out.put("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
  return {};
}

}  // namespace k::fs::proc
