#include "kernel/task/exec.h"

#include <linux/auxvec.h>
#include <linux/personality.h>

#include "arch/include/arch/cpu.h"
#include "kernel/irq/entropy.h"
#include "kernel/task/exec_commit.h"
#include "kernel/task/exec_load.h"
#include "kernel/task/exec_program.h"
#include "kernel/task/exec_stack.h"
#include "kernel/task/memory_limits.h"
#include "kernel/task/process.h"

namespace k::task {
namespace {

constexpr std::uint64_t kStackShift = 8192;  // random distance of the pointers from the strings
constexpr std::uint64_t kClockTicks = 100;

mm::Randomize randomize(const Process& process) {
  return (process.personality & uapi::ADDR_NO_RANDOMIZE) != 0 ? mm::Randomize::no : mm::Randomize::yes;
}

Result<void> collect(const ExecStrings& from, ArgumentStrings& to, std::size_t& arguments) {
  if (from.from_kernel) {
    for (const char* s : from.kernel_argv) TRY(to.add(s));
  } else {
    TRY(to.add_user_array(from.argv));
  }
  // Programs rely on argv[0]; Linux gives an empty one since 5.18.
  if (to.count() == 0) TRY(to.add(""));
  arguments = to.count();
  if (from.from_kernel) {
    for (const char* s : from.kernel_envp) TRY(to.add(s));
    return {};
  }
  return to.add_user_array(from.envp);
}

/// The interpreter that PT_INTERP names, opened and checked.
struct Interpreter {
  Program program;
  ElfFile elf;
};

Result<void> read_interpreter_name(fs::File& file, const uapi::Elf64_Phdr& header, std::span<char> name) {
  if (header.p_filesz < 2 || header.p_filesz > name.size()) return err(Errno::noexec);
  const std::span<char> text = name.first(header.p_filesz);
  TRY(read_exactly(file, header.p_offset, std::as_writable_bytes(text)));
  if (text.back() != '\0') return err(Errno::noexec);
  return {};
}

Result<Interpreter> open_interpreter(const fs::LookupContext& context, fs::File& file, const uapi::Elf64_Phdr& header) {
  constexpr std::size_t kPathMax = 4096;
  using Name = std::array<char, kPathMax>;
  auto name = TRY(make<Name>());
  TRY(read_interpreter_name(file, header, *name));
  auto opened = TRY(fs::open_program(context, fs::WalkBase::cwd(), name->data(), fs::WalkPolicy{}));
  Program program = TRY(Program::open(std::move(opened)));
  if (program.head_bytes < sizeof(uapi::Elf64_Ehdr)) return err(Errno::io);
  auto elf = ElfFile::read(program.executable->file(), ProgramHead{program.head}, ElfRole::interpreter);
  if (!elf) return err(elf.error() == Errno::noexec ? Errno::libbad : elf.error());
  return Interpreter{std::move(program), std::move(*elf)};
}

/// Everything that is decided before the old program goes.
struct Plan {
  Program program;
  ElfFile elf;
  std::optional<Interpreter> interpreter;
  Ref<mm::AddressSpace> space;
  mm::Randomize how;
};

Result<Ref<mm::AddressSpace>> new_space(const Task& self, const ElfFile& elf, mm::Randomize how) {
  const mm::MemoryLimits limits = memory_limits(self);
  auto space = TRY(mm::AddressSpace::create(mm::choose_layout(limits.stack, how)));
  mm::AreaFlags protection = mm::AreaFlag::read | mm::AreaFlag::write;
  if (elf.program.executable_stack) protection = protection | mm::AreaFlag::execute;
  TRY(space->map_stack(protection, limits));
  space->set_stack_limit(limits.stack);
  return space;
}

/// A loader run as a program is out of the way of the programs that it will load.
bool is_loader(const Plan& plan) { return plan.elf.header.kind == ElfKind::position_independent && !plan.interpreter; }

Result<std::uint64_t> bias_for(const Plan& plan, const mm::MemoryLimits& limits) {
  if (plan.elf.header.kind == ElfKind::fixed) return 0;
  if (is_loader(plan)) return find_bias(*plan.space, plan.elf, limits);
  const std::uint64_t base = mm::choose_program_base(plan.how);
  return lib::align_down(base, plan.elf.program.alignment) - plan.elf.program.start;
}

void set_layout(const Plan& plan, const LoadedElf& loaded) {
  mm::Layout& layout = plan.space->layout();
  layout.start_code = loaded.start_code;
  layout.end_code = loaded.end_code;
  layout.start_data = loaded.start_data;
  layout.end_data = loaded.end_data;
  // In the place that the program would have had, where it can grow.
  const bool moved = is_loader(plan) && plan.how == mm::Randomize::yes;
  const std::uint64_t end = moved ? mm::choose_program_base(mm::Randomize::no) : loaded.end;
  layout.start_brk = layout.brk = mm::choose_heap_start(end, plan.how);
}

/// Source: getauxval(3); the order is Linux's.
AuxiliaryVector auxiliary_vector(const Plan& plan, const LoadedElf& program, std::uint64_t interpreter_base,
                                 const fs::Credentials& creds, bool secure, const StackPlan& stack) {
  AuxiliaryVector v;
  if (plan.space->layout().vdso != 0) v.add(AT_SYSINFO_EHDR, plan.space->layout().vdso);
  v.add(AT_MINSIGSTKSZ, arch::min_signal_stack());
  v.add(AT_HWCAP, arch::hwcap());
  v.add(AT_PAGESZ, kPageSize);
  v.add(AT_CLKTCK, kClockTicks);
  v.add(AT_PHDR, plan.elf.program.table_address + program.bias);
  v.add(AT_PHENT, sizeof(uapi::Elf64_Phdr));
  v.add(AT_PHNUM, plan.elf.header.headers);
  v.add(AT_BASE, interpreter_base);
  v.add(AT_FLAGS, 0);
  v.add(AT_ENTRY, program.entry);
  v.add(AT_UID, creds.uid);
  v.add(AT_EUID, creds.euid);
  v.add(AT_GID, creds.gid);
  v.add(AT_EGID, creds.egid);
  v.add(AT_SECURE, secure ? 1 : 0);
  v.add(AT_RANDOM, stack.random);
  v.add(AT_HWCAP2, arch::hwcap2());
  v.add(AT_EXECFN, stack.path);
  v.add(AT_PLATFORM, stack.platform);
  v.add(AT_NULL, 0);
  return v;
}
constexpr std::size_t kAuxiliaryEntries = 21;

struct Started {
  std::uint64_t entry, stack;
};

/// Fills the new space. The caller's old program is gone, so an error here is the end of the process.
Result<Started> fill(Task& self, const Plan& plan, const ProgramStrings& strings, bool secure) {
  const mm::MemoryLimits limits = memory_limits(self);
  mm::AddressSpace& space = *plan.space;
  const std::uint64_t program_bias = TRY(bias_for(plan, limits));
  const LoadedElf program = TRY(load_elf(space, plan.program.executable->file(), plan.elf, program_bias, limits));
  set_layout(plan, program);
  LoadedElf interpreter;
  if (plan.interpreter) {
    const ElfFile& elf = plan.interpreter->elf;
    const bool floats = elf.header.kind == ElfKind::position_independent;
    const std::uint64_t bias = floats ? TRY(find_bias(space, elf, limits)) : 0;
    interpreter = TRY(load_elf(space, plan.interpreter->program.executable->file(), elf, bias, limits));
  }
  TRY(space.map_vdso());
  const std::uint64_t shift = plan.how == mm::Randomize::yes ? irq::random_u64() % kStackShift : 0;
  const std::size_t entries = kAuxiliaryEntries - (space.layout().vdso == 0 ? 1 : 0);
  const StackPlan stack = plan_stack(space.layout().stack_top, strings, entries, shift);
  std::array<std::byte, 16> noise;
  irq::fill_random(noise);
  const AuxiliaryVector vector = auxiliary_vector(plan, program, interpreter.bias, self.creds(), secure, stack);
  TRY(write_stack(space, stack, strings, vector, noise));
  return Started{plan.interpreter ? interpreter.entry : program.entry, stack.pointer};
}

}  // namespace

Result<void> check_strings(const Task& self, const ExecStrings& from) {
  ArgumentStrings strings{self.process().limits.soft(RLIMIT_STACK)};
  std::size_t arguments = 0;
  return collect(from, strings, arguments);
}

Result<void> exec(Task& self, Ref<fs::File> file, std::string_view path, const ExecStrings& from) {
  const fs::LookupContext context{self.fs_context(), self.creds()};
  const std::uint64_t stack_limit = self.process().limits.soft(RLIMIT_STACK);
  ArgumentStrings prefix{stack_limit}, strings{stack_limit};
  std::size_t arguments = 0;
  TRY(collect(from, strings, arguments));
  Program program = TRY(Program::open(std::move(file)));
  TRY(follow_scripts(context, program, path, prefix));
  ElfFile elf = TRY(ElfFile::read(program.executable->file(), ProgramHead(program.head), ElfRole::program));
  std::optional<Interpreter> interpreter;
  if (elf.program.interpreter) {
    interpreter = TRY(open_interpreter(context, program.executable->file(), *elf.program.interpreter));
  }
  const mm::Randomize how = randomize(self.process());
  auto space = TRY(new_space(self, elf, how));
  const Plan plan{std::move(program), std::move(elf), std::move(interpreter), std::move(space), how};
  auto credentials = TRY(credentials_for(self, plan.program.executable->file()));

  TRY(begin_new_program(self));
  commit_identity(self, plan.program.executable, path, credentials);
  const std::size_t skipped = prefix.count() > 0 ? 1 : 0;
  const auto started = fill(self, plan, ProgramStrings{prefix, strings, skipped, arguments, path}, credentials.secure);
  commit_memory(self, plan.space);
  if (!started) {
    die_in_exec(self);
    return err(started.error());
  }
  start_at(self, started->entry, started->stack);
  return {};
}

}  // namespace k::task
