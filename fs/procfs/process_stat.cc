#include <bit>

#include "fs/procfs/process.h"
#include "kernel/task/process_group.h"
#include "kernel/task/process_usage.h"
#include "kernel/task/signal.h"

namespace k::fs::proc {
namespace {

constexpr std::uint64_t kNsPerTick = 10'000'000;
constexpr std::size_t kKiBPerPage = kPageSize / 1024;

/// What is copied out of the structures under their locks, for stat and status.
struct Family {
  std::int32_t parent = 0, group = 0, session = 0, foreground = -1;
  std::uint32_t terminal = 0;
  task::Usage children;
};

Family family_of(const Process& process) {
  Family f;
  RefOrNull<task::Session> session;
  {
    sync::LockHeld tree{task::g_task_tree};
    if (const Process* parent = process.parent.load(std::memory_order_relaxed)) f.parent = parent->id();
    f.children = process.dead_children;
    if (!process.group) return f;
    f.group = process.group->id();
    session = Ref<task::Session>::share(process.group->session());
  }
  f.session = session->id();
  if (const auto terminal = session->terminal_of(process)) {
    f.terminal = terminal->device_number();
    f.foreground = session->foreground();
  }
  return f;
}

struct SignalSets {
  task::SignalSet pending, shared, blocked, ignored, caught;
  std::size_t queued = 0;
  std::uint32_t threads = 0;
  bool stopped = false;
};

/// What stat and status say of the thread itself; defaults for a zombie.
struct ThreadView {
  char state = 'Z';
  int nice = 0, rt_priority = 0, exit_signal = 0;
  int priority = sched::kNiceZeroPriority;
  unsigned cpu = 0, policy = 0;
  char name[sched::Thread::kNameSize] = {};
  SignalSets sets;
  RefOrNull<Credentials> credentials;
  std::uint64_t affinity = 0, voluntary = 0, involuntary = 0;
  task::Usage usage;
  std::uint32_t umask = 0;
};

void read_thread(const Task& t, ThreadView& v) {
  v.state = t.state_letter();
  v.nice = t.nice();
  v.priority = t.priority();
  v.rt_priority = t.rt_priority();
  v.policy = static_cast<unsigned>(t.policy());
  v.cpu = t.cpu();
  t.name().copy(v.name, sizeof v.name - 1);
  v.credentials = t.shared_credentials();
  v.affinity = t.affinity().bits();
  v.voluntary = t.voluntary_switches();
  v.involuntary = t.involuntary_switches();
  v.usage = task::thread_usage(t);
  if (const auto context = t.shared_fs_context()) v.umask = context->umask();
}

/// Of a thread that has left. A process is a zombie when its parent has been told, a moment after its last thread left.
char state_after_leaving(Process& process) {
  {
    Locked signals{process.signals};
    if (signals->live_threads > 0) return 'Z';
  }
  sync::LockHeld tree{task::g_task_tree};
  return process.life == task::Life::running ? 'R' : 'Z';
}

void read_signals(const Subject& subject, Process& process, ThreadView& v) {
  (void)subject.with_task([&](const Task& t) {
    Locked signals{process.signals};
    v.sets = {t.pending.set(),
              signals->pending.set(),
              t.blocked,
              signals->dispositions()->explicitly_ignored(),
              signals->dispositions()->caught(),
              t.pending.queued() + signals->pending.queued(),
              signals->live_threads,
              signals->stopped};
  });
  if (v.sets.stopped) v.state = 'T';
  if (subject.first_thread_left()) v.state = state_after_leaving(process);
}

ThreadView view_of(const Subject& subject, Process& process) {
  ThreadView v;
  (void)subject.with_task([&](const Task& t) { read_thread(t, v); });
  read_signals(subject, process, v);
  if (!subject.is_thread()) v.usage = task::process_usage(process);
  return v;
}

std::string_view state_name(char letter) {
  switch (letter) {
    case 'R':
      return "running";
    case 'S':
      return "sleeping";
    case 'D':
      return "disk sleep";
    case 'T':
      return "stopped";
    case 't':
      return "tracing stop";
    case 'Z':
      return "zombie";
    default:
      return "dead";
  }
}

/// With what the thread inherits. Linux's scale: 20 + nice, real-time below zero.
int priority(const ThreadView& v) { return v.priority - sched::kFirstFairPriority; }

void put_stat_memory(TextBuffer& out, const Subject& subject, const Process& process) {
  mm::MemoryUse use{};
  mm::Layout layout;
  bool visible = false;
  if (const auto space = subject.memory()) {
    use = space->usage();
    layout = space->layout();
    visible = subject.check_access().has_value();
  }
  if (!visible) layout = mm::Layout{};
  out.print("{} {} {} {} {} {} 0 0 ", use.total_pages * kPageSize, use.resident_pages(),
            process.limits.soft(RLIMIT_RSS), layout.start_code, layout.end_code, layout.start_stack);
}

}  // namespace

Result<void> show_stat(const Subject& subject, TextBuffer& out) {
  const auto process = TRY(subject.process());
  const Family f = family_of(*process);
  const ThreadView v = view_of(subject, *process);
  out.print("{} ({}) {} {} {} {} {} {} 0 ", subject.number(), &v.name[0], v.state, f.parent, f.group, f.session,
            f.terminal, f.foreground);
  out.print("{} {} {} {} ", v.usage.minor_faults, f.children.minor_faults, v.usage.major_faults,
            f.children.major_faults);
  out.print("{} {} {} {} ", v.usage.user_ns / kNsPerTick, v.usage.system_ns / kNsPerTick,
            f.children.user_ns / kNsPerTick, f.children.system_ns / kNsPerTick);
  out.print("{} {} {} 0 {} ", priority(v), v.nice, v.sets.threads, process->started_ns / kNsPerTick);
  put_stat_memory(out, subject, *process);
  constexpr std::uint64_t kStandard = 0x7fff'ffff;  // this old field shows signals 1 to 31 only
  out.print("{} {} {} {} 0 0 0 ", v.sets.pending.bits() & kStandard, v.sets.blocked.bits() & kStandard,
            v.sets.ignored.bits() & kStandard, v.sets.caught.bits() & kStandard);
  out.print("{} {} {} {} 0 0 0 ", process->exit_signal, v.cpu, v.rt_priority, v.policy);
  mm::Layout layout;
  if (const auto space = subject.memory(); space && subject.check_access()) layout = space->layout();
  out.print("{} {} {} {} {} {} {} {}\n", layout.start_data, layout.end_data, layout.start_brk, layout.arg_start,
            layout.arg_end, layout.env_start, layout.env_end, process->exit_status);
  return {};
}

Result<void> show_statm(const Subject& subject, TextBuffer& out) {
  TRY(subject.process());
  mm::MemoryUse use{};
  if (const auto space = subject.memory()) use = space->usage();
  out.print("{} {} {} {} 0 {} 0\n", use.total_pages, use.resident_pages(), use.file_pages + use.shared_pages,
            use.code_pages, use.data_pages + use.stack_pages);
  return {};
}

namespace {

void put_identity(TextBuffer& out, const Subject& subject, const Process& process, const Family& f,
                  const ThreadView& v) {
  out.print("Name:\t{}\nUmask:\t0{}{}{}\n", &v.name[0], v.umask >> 6 & 7, v.umask >> 3 & 7, v.umask & 7);
  out.print("State:\t{} ({})\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n", v.state, state_name(v.state),
            process.id(), subject.number(), f.parent);
  if (!v.credentials) return;
  const Credentials& c = *v.credentials;
  out.print("Uid:\t{}\t{}\t{}\t{}\nGid:\t{}\t{}\t{}\t{}\n", c.uid, c.euid, c.suid, c.fsuid, c.gid, c.egid, c.sgid,
            c.fsgid);
  out.put("Groups:\t");
  if (c.groups) {
    for (const Gid g : c.groups->groups()) out.print("{} ", g);
  }
  out.print("\nNStgid:\t{}\nNSpid:\t{}\nNSpgid:\t{}\nNSsid:\t{}\n", process.id(), subject.number(), f.group, f.session);
}

void put_memory(TextBuffer& out, const mm::AddressSpace& space) {
  const mm::MemoryUse use = space.usage();
  const auto line = [&](std::string_view name, std::uint64_t pages) {
    out.print("{}\t{:8} kB\n", name, pages * kKiBPerPage);
  };
  line("VmPeak:", use.total_pages);
  line("VmSize:", use.total_pages);
  line("VmLck:", use.locked_pages);
  line("VmPin:", 0);
  line("VmHWM:", use.peak_resident_pages);
  line("VmRSS:", use.resident_pages());
  line("RssAnon:", use.anonymous_pages);
  line("RssFile:", use.file_pages);
  line("RssShmem:", use.shared_pages);
  line("VmData:", use.data_pages);
  line("VmStk:", use.stack_pages);
  line("VmExe:", use.code_pages);
  line("VmLib:", 0);
  line("VmPTE:", use.page_table_bytes / kPageSize);
  line("VmSwap:", 0);
}

void put_signals(TextBuffer& out, const Process& process, const SignalSets& s) {
  out.print("Threads:\t{}\nSigQ:\t{}/{}\n", s.threads, s.queued, process.limits.soft(RLIMIT_SIGPENDING));
  out.print("SigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
            s.pending.bits(), s.shared.bits(), s.blocked.bits(), s.ignored.bits(), s.caught.bits());
}

void put_capabilities(TextBuffer& out, const Credentials& c) {
  out.print("CapInh:\t{:016x}\nCapPrm:\t{:016x}\nCapEff:\t{:016x}\nCapBnd:\t{:016x}\nCapAmb:\t{:016x}\n",
            c.inheritable.bits(), c.permitted.bits(), c.effective.bits(), c.bounding.bits(), c.ambient.bits());
  out.print("NoNewPrivs:\t{}\nSeccomp:\t0\n", c.no_new_privileges ? 1 : 0);
}

/// "0-3": the CPUs online among `mask`, which are always a range when affinity was never set.
void put_cpus(TextBuffer& out, std::uint64_t mask) {
  const unsigned online = arch::cpu_count();
  if (online < 64) mask &= (std::uint64_t{1} << online) - 1;
  out.print("Cpus_allowed:\t{:x}\nCpus_allowed_list:\t", mask);
  bool first = true;
  for (unsigned cpu = 0; cpu < 64; ++cpu) {
    if ((mask >> cpu & 1) == 0) continue;
    const auto length = static_cast<unsigned>(std::countr_one(mask >> cpu));
    out.print("{}{}", first ? "" : ",", cpu);
    if (length > 1) out.print("-{}", cpu + length - 1);
    cpu += length;
    first = false;
  }
  out.put('\n');
}

}  // namespace

Result<void> show_status(const Subject& subject, TextBuffer& out) {
  const auto process = TRY(subject.process());
  const Family f = family_of(*process);
  const ThreadView v = view_of(subject, *process);
  put_identity(out, subject, *process, f, v);
  if (const auto space = subject.memory()) put_memory(out, *space);
  put_signals(out, *process, v.sets);
  if (v.credentials) put_capabilities(out, *v.credentials);
  put_cpus(out, v.affinity);
  out.print("voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", v.voluntary, v.involuntary);
  return {};
}

}  // namespace k::fs::proc
