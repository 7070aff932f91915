// Boot, from arch's hand-over to the first program. docs/way-of-a-boot.md tells it in order.
#include "arch/include/arch/boot_info.h"
#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/selftest.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/init/command_line.h"
#include "kernel/init/first_program.h"
#include "kernel/init/init_files.h"
#include "kernel/log/log.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/task/first_process.h"
#include "kernel/task/interval_timer.h"
#include "kernel/task/job_control.h"
#include "kernel/task/oom.h"
#include "kernel/task/posix_timer.h"
#include "kernel/task/system_identity.h"
#include "kernel/time/clock.h"
#include "mm/phys/kasan.h"
#include "mm/phys/page_alloc.h"
#include "mm/vm/huge.h"
#include "syscalls/dispatch.h"

namespace k::init {
namespace {

const CommandLine& command_line() {
  static CommandLine line{arch::boot_info().command_line};
  return line;
}

/// Boot has nobody to return an error to.
void must(Result<void> step, std::string_view what) {
  if (!step) panic("boot: {} failed with error {}", what, static_cast<int>(step.error()));
}

void announce() {
  const arch::BootInfo& boot = arch::boot_info();
  log::info("{} version {} ({}) by {}", task::kSystemName, task::kRelease, task::kMachine, boot.loader);
  log::info("Command line: {}", boot.command_line);
  const mm::MemoryCounters memory = mm::memory_counters();
  constexpr std::size_t kFramesPerMiB = (1 << 20) / kPageSize;
  log::info("Memory: {} MiB, {} MiB available", memory.total_frames / kFramesPerMiB,
            memory.free_frames / kFramesPerMiB);
}

/// Process 1, while it is still the kernel's.
void run_first_process(Task& self) {
  const unsigned cpus = command_line().max_cpus() > 1 ? arch::start_secondary_cpus() : 1;
  log::info("CPUs: {}", cpus);
  must(init_files(self), "preparing the file systems");
  if (!command_line().trace().empty()) sys::start_tracing(command_line().trace());
  if (!command_line().selftest().empty()) arch::run_selftest(command_line().selftest());
  run_first_program(self, command_line());
}

}  // namespace
}  // namespace k::init

namespace k::arch {

extern "C" void ht_kernel_main() {
  using namespace k::init;
  sched::start_boot_cpu();
  mm::init_page_allocator(boot_info().memory);
  mm::kasan::init();
  mm::init_huge_mode();
  time::init_clock();
  log::set_console_level(command_line().console_level());
  announce();
  must(sync::rcu::start(), "starting RCU");
  task::register_job_control();
  task::register_oom_killer();
  task::IntervalTimers::start_sampling();
  task::PosixTimer::watch_clock();
  must(task::start_first_process(&run_first_process), "making the first process");
  interrupts_enable();
  sched::run_idle();
}

extern "C" void ht_secondary_main() {
  sched::start_secondary_cpu();
  interrupts_enable();
  sched::run_idle();
}

}  // namespace k::arch
