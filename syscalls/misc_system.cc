#include <linux/capability.h>
#include <linux/reboot.h>
#include <linux/sysinfo.h>

#include "arch/include/arch/platform.h"
#include "kernel/log/log.h"
#include "kernel/sched/sched.h"
#include "kernel/task/process_count.h"
#include "kernel/task/task.h"
#include "kernel/time/clock.h"
#include "mm/phys/page_alloc.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

bool is_second_magic(std::uint32_t magic) {
  return magic == LINUX_REBOOT_MAGIC2 || magic == LINUX_REBOOT_MAGIC2A || magic == LINUX_REBOOT_MAGIC2B ||
         magic == LINUX_REBOOT_MAGIC2C;
}

[[noreturn]] void halt() {
  log::info("System halted");
  arch::stop_other_cpus();
  arch::halt_forever();
}

[[noreturn]] void power_off() {
  log::info("Power down");
  arch::power_off();
  halt();
}

[[noreturn]] void restart() {
  log::info("Restarting system");
  arch::reboot();
}

}  // namespace

Result<void> sysinfo(Task&, UserAddr info) {
  uapi::sysinfo out;
  __builtin_memset(&out, 0, sizeof out);
  const mm::MemoryCounters memory = mm::memory_counters();
  const auto load = sched::load_average();
  out.uptime = static_cast<long>(time::boottime_ns() / time::kNsPerSecond);
  for (unsigned i = 0; i < 3; ++i) out.loads[i] = load[i];
  out.totalram = memory.total_frames;
  out.freeram = memory.free_frames;
  out.bufferram = 0;
  out.procs = static_cast<std::uint16_t>(task::count_threads());
  out.mem_unit = kPageSize;
  if (arch::copy_to_user(info, &out, sizeof out) != 0) return err(Errno::fault);
  return {};
}

Result<void> reboot(Task& self, std::uint32_t magic, std::uint32_t magic2, std::uint32_t command, UserAddr argument) {
  if (!self.creds().has(CAP_SYS_BOOT)) return err(Errno::perm);
  if (magic != LINUX_REBOOT_MAGIC1 || !is_second_magic(magic2)) return err(Errno::inval);
  switch (command) {
    case LINUX_REBOOT_CMD_RESTART:
      restart();
    case LINUX_REBOOT_CMD_RESTART2: {
      char text[256];
      if (arch::copy_string_from_user(text, argument, sizeof text) < 0) return err(Errno::fault);
      restart();
    }
    case LINUX_REBOOT_CMD_HALT:
      halt();
    case LINUX_REBOOT_CMD_POWER_OFF:
      power_off();
    case LINUX_REBOOT_CMD_CAD_ON:
    case LINUX_REBOOT_CMD_CAD_OFF:
      return {};
    default:
      return err(Errno::inval);
  }
}

}  // namespace k::sys
