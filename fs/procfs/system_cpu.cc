#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/percpu.h"
#include "fs/procfs/system.h"
#include "kernel/irq/irq.h"
#include "kernel/sched/sched.h"
#include "kernel/time/clock.h"

namespace k::fs::proc {
namespace {

constexpr std::uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

struct Totals {
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, switches = 0;
  void add(const sched::CpuCounters& c) {
    user += c.user_ns, nice += c.nice_ns, system += c.system_ns, idle += c.idle_ns, switches += c.switches;
  }
  /// user nice system idle iowait irq softirq steal guest guest_nice
  void print(TextBuffer& out) const {
    out.print(" {} {} {} {} 0 0 0 0 0 0\n", user / kNsPerTick, nice / kNsPerTick, system / kNsPerTick,
              idle / kNsPerTick);
  }
};

std::uint64_t sum_of(const arch::IrqCounters& c) { return c.timer + c.reschedule + c.call + c.device + c.spurious; }

void put_counters(TextBuffer& out, std::string_view name, std::uint64_t arch::IrqCounters::* counter,
                  std::string_view what) {
  out.print("{:>4}:", name);
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) out.print(" {:10}", arch::irq_counters(cpu).*counter);
  out.print("   {}\n", what);
}

void put_cpu(TextBuffer& out, unsigned cpu, const arch::CpuIdentity& id) {
  const std::uint64_t kilohertz = arch::cycles_per_second() / 1000;
  out.print("processor\t: {}\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: {}\n", cpu, &id.vendor[0], id.family,
            id.model);
  out.print("model name\t: {}\nstepping\t: {}\ncpu MHz\t\t: {}.{:03}\n", &id.model_name[0], id.stepping,
            kilohertz / 1000, kilohertz % 1000);
  out.print("physical id\t: 0\nsiblings\t: {}\ncore id\t\t: {}\ncpu cores\t: {}\n", arch::cpu_count(), cpu,
            arch::cpu_count());
  char flags[2048];
  const std::size_t length = arch::cpu_flag_names(flags, sizeof flags);
  out.print("fpu\t\t: yes\nflags\t\t: {}\n\n", std::string_view{flags, length});
}

}  // namespace

Result<void> show_cpu_info(const Subject&, TextBuffer& out) {
  const arch::CpuIdentity id = arch::cpu_identity();
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) put_cpu(out, cpu, id);
  return {};
}

Result<void> show_statistics(const Subject&, TextBuffer& out) {
  Totals all;
  std::uint64_t interrupts = 0;
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
    all.add(sched::cpu_counters(cpu));
    interrupts += sum_of(arch::irq_counters(cpu));
  }
  out.put("cpu ");
  all.print(out);
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) {
    Totals one;
    one.add(sched::cpu_counters(cpu));
    out.print("cpu{}", cpu);
    one.print(out);
  }
  out.print("intr {}\nctxt {}\nbtime {}\n", interrupts, all.switches, time::boot_epoch_seconds());
  out.print("processes {}\nprocs_running {}\nprocs_blocked 0\n", task::last_pid(), sched::runnable_count());
  return {};
}

Result<void> show_interrupts(const Subject&, TextBuffer& out) {
  out.put("     ");
  for (unsigned cpu = 0; cpu < arch::cpu_count(); ++cpu) out.print("       CPU{:<3}", cpu);
  out.put('\n');
  irq::LineInfo line;
  for (unsigned i = 0; irq::line_info(i, line); ++i) {
    out.print("{:4}: {:10}", line.vector, line.count);
    for (unsigned cpu = 1; cpu < arch::cpu_count(); ++cpu) out.print(" {:10}", 0);
    out.print("   IO-APIC   {}\n", line.name);
  }
  put_counters(out, "LOC", &arch::IrqCounters::timer, "Local timer interrupts");
  put_counters(out, "RES", &arch::IrqCounters::reschedule, "Rescheduling interrupts");
  put_counters(out, "CAL", &arch::IrqCounters::call, "Function call interrupts");
  put_counters(out, "SPU", &arch::IrqCounters::spurious, "Spurious interrupts");
  return {};
}

}  // namespace k::fs::proc
