#include "kernel/task/exec_commit.h"

#include <linux/mount.h>
#include <linux/personality.h>

#include "kernel/task/exec_credentials.h"
#include "kernel/task/exit_resources.h"
#include "kernel/task/futex_user.h"
#include "kernel/task/lifecycle.h"
#include "kernel/task/posix_timer.h"
#include "kernel/task/rseq.h"
#include "kernel/task/signal_internal.h"

namespace k::task {
namespace {

/// Source: personality(2), PER_CLEAR_ON_SETID.
constexpr std::uint32_t kClearedBySetId =
    uapi::READ_IMPLIES_EXEC | uapi::ADDR_NO_RANDOMIZE | uapi::ADDR_COMPAT_LAYOUT | uapi::MMAP_PAGE_ZERO;

ProgramOwner owner_of(const Task& self, const fs::File& file) {
  const fs::Inode& inode = file.inode();
  const bool nosuid = file.mount() != nullptr && file.mount()->has(MS_NOSUID);
  return {inode.mode(), inode.uid(), inode.gid(), !nosuid && !self.creds().no_new_privileges};
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// The thread that executes the program becomes the process's first: its own number goes.
void take_process_number(Task& self) {
  Process& process = self.process();
  if (self.pid.get() == process.pid.get()) return;
  Task* expected = &self;
  self.pid->task.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel);
  self.pid = process.pid;
  self.pid->task.store(&self, std::memory_order_release);
}

Result<void> end_other_threads(Task& self) {
  Process& process = self.process();
  {
    Locked signals{process.signals};
    if (signals->live_threads == 1) return {};
    if (signals->exiting || signals->exec_thread != nullptr) return err(Errno::again);
    signals->exec_thread = &self;
    for (Task& thread : signals->threads) {
      if (&thread == &self) continue;
      thread.killed = true;
      kick(thread, sched::kKillWakes);
    }
  }
  const auto alone = process.threads_gone.wait_killable([&] {
    Locked signals{process.signals};
    return signals->live_threads == 1;
  });
  Locked signals{process.signals};
  signals->exec_thread = nullptr;
  return alone;
}

/// A table shared by CLONE_SIGHAND or CLONE_FILES stays with the others.
Result<void> unshare_tables(Task& self) {
  if (self.fds().ref_count() > 1) self.set_fds(TRY(self.fds().copy()));
  Process& process = self.process();
  if (process.signals.unguarded().actions->ref_count() == 1) return {};
  auto own = TRY(make_ref<SharedActions>());
  Locked signals{process.signals};
  own->actions.copy_from(*signals->dispositions());
  std::swap(signals->actions, own);
  return {};
}

}  // namespace

Result<ProgramCredentials> credentials_for(const Task& self, const fs::File& file) {
  const ProgramOwner owner = owner_of(self, file);
  if (keeps_credentials(self.creds(), owner)) return ProgramCredentials{};
  auto next = TRY(self.creds().copy());
  const bool secure = apply_program(*next, owner);
  return ProgramCredentials{std::move(next), secure};
}

Result<void> begin_new_program(Task& self) {
  TRY(end_other_threads(self));
  take_process_number(self);
  if (const auto unshared = unshare_tables(self); !unshared) {
    die_in_exec(self);
    return unshared;
  }
  return {};
}

void commit_identity(Task& self, const Ref<Executable>& executable, std::string_view path,
                     const ProgramCredentials& credentials) {
  Process& process = self.process();
  self.set_name(base_name(path));
  self.fds().close_on_exec();
  PosixTimer::remove_all(process);
  {
    Locked signals{process.signals};
    signals->dispositions()->flush_for_exec();
    signals->pending.discard_records();
    self.pending.discard_records();
  }
  self.alt_stack = uapi::stack_t{};
  process.set_executable(executable);
  process.dumpable = !credentials.secure;
  if (credentials.secure) process.personality &= ~kClearedBySetId;
  if (credentials.secure) self.parent_death_signal = 0;
  if (credentials.changed) self.set_credentials(Ref<fs::Credentials>::share(*credentials.changed));
  ++process.execs;
}

void commit_memory(Task& self, const Ref<mm::AddressSpace>& space) {
  // The kernel's first program has no memory to leave.
  if (self.space != nullptr) {
    give_up_futexes(self, sched::PiStage::alive);
    clear_child_tid(self);
  }
  self.robust_list = {};
  set_rseq(self, {}, 0);
  self.set_address_space(space);
  finish_vfork(self);
}

void die_in_exec(Task& self) {
  Locked signals{self.process().signals};
  if (!signals->exiting) start_group_exit(*signals, signalled_status(SIGSEGV));
}

void start_at(Task& self, std::uint64_t entry, std::uint64_t stack) {
  arch::fpu_reset(self.fpu);
  {
    const arch::IrqOff off;
    arch::load_tls({});
  }
  self.regs() = arch::fresh_user_regs(entry, stack);
}

}  // namespace k::task
