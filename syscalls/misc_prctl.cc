#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "arch/include/arch/context.h"
#include "arch/include/arch/memory.h"
#include "kernel/task/identity.h"
#include "kernel/task/process.h"
#include "syscalls/calls_misc.h"

namespace k::sys {
namespace {

using Value = Result<std::int64_t>;

template <class Change>
Value change_credentials(Task& self, Change change) {
  auto next = TRY(self.creds().copy());
  TRY(change(*next));
  TRY(task::publish_identity(self, std::move(next)));
  return 0;
}

Value set_name(Task& self, UserAddr from) {
  char name[sched::Thread::kNameSize];
  const std::ptrdiff_t n = arch::copy_string_from_user(name, from, sizeof name - 1);
  if (n < 0) return err(Errno::fault);
  self.set_name({name, static_cast<std::size_t>(n)});
  return 0;
}

Value get_name(const Task& self, UserAddr to) {
  char name[sched::Thread::kNameSize] = {};
  self.name().copy(name, sizeof name - 1);
  if (arch::copy_to_user(to, name, sizeof name) != 0) return err(Errno::fault);
  return 0;
}

Value set_securebits(Task& self, std::uint64_t wanted) {
  constexpr unsigned kLocks = SECURE_ALL_LOCKS, kAll = SECURE_ALL_BITS | SECURE_ALL_LOCKS;
  const unsigned now = self.creds().securebits;
  const bool changes_locked = ((now & kLocks) >> 1 & (now ^ wanted)) != 0;
  const bool drops_lock = (now & kLocks & ~wanted) != 0;
  if (changes_locked || drops_lock || (wanted & ~std::uint64_t{kAll}) != 0 || !self.creds().has(CAP_SETPCAP))
    return err(Errno::perm);
  return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
    c.securebits = static_cast<unsigned>(wanted);
    return {};
  });
}

Value set_keep_capabilities(Task& self, std::uint64_t keep) {
  if (keep > 1) return err(Errno::inval);
  if ((self.creds().securebits & issecure_mask(SECURE_KEEP_CAPS_LOCKED)) != 0) return err(Errno::perm);
  return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
    const unsigned bit = issecure_mask(SECURE_KEEP_CAPS);
    c.securebits = keep != 0 ? c.securebits | bit : c.securebits & ~bit;
    return {};
  });
}

Value drop_bounding(Task& self, std::uint64_t capability) {
  if (!self.creds().has(CAP_SETPCAP)) return err(Errno::perm);
  if (capability > CAP_LAST_CAP) return err(Errno::inval);
  return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
    c.bounding = c.bounding.without(static_cast<unsigned>(capability));
    return {};
  });
}

Value change_ambient(Task& self, std::uint64_t what, std::uint64_t capability) {
  const auto number = static_cast<unsigned>(capability);
  if (what != PR_CAP_AMBIENT_CLEAR_ALL && capability > CAP_LAST_CAP) return err(Errno::inval);
  switch (what) {
    case PR_CAP_AMBIENT_IS_SET:
      return self.creds().ambient.has(number) ? 1 : 0;
    case PR_CAP_AMBIENT_CLEAR_ALL:
      if (capability != 0) return err(Errno::inval);
      return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
        c.ambient = {};
        return {};
      });
    case PR_CAP_AMBIENT_RAISE:
      return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
        const bool locked = (c.securebits & issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE)) != 0;
        if (!c.permitted.has(number) || !c.inheritable.has(number) || locked) return err(Errno::perm);
        c.ambient = c.ambient.with(number);
        return {};
      });
    case PR_CAP_AMBIENT_LOWER:
      return change_credentials(self, [&](fs::Credentials& c) -> Result<void> {
        c.ambient = c.ambient.without(number);
        return {};
      });
    default:
      return err(Errno::inval);
  }
}

Value set_no_new_privileges(Task& self, std::uint64_t on) {
  if (on != 1) return err(Errno::inval);
  return change_credentials(self, [](fs::Credentials& c) -> Result<void> {
    c.no_new_privileges = true;
    return {};
  });
}

Value set_parent_death_signal(Task& self, std::uint64_t signal) {
  if (signal > static_cast<std::uint64_t>(task::kSignals)) return err(Errno::inval);
  self.parent_death_signal = static_cast<int>(signal);
  return 0;
}

Value write_int(UserAddr to, int value) {
  TRY(UserOut<int>{to}.write(value));
  return 0;
}

/// Options on credentials and capabilities.
Value credential_option(Task& self, int option, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  const fs::Credentials& creds = self.creds();
  switch (option) {
    case PR_GET_KEEPCAPS:
      return (creds.securebits & issecure_mask(SECURE_KEEP_CAPS)) != 0 ? 1 : 0;
    case PR_SET_KEEPCAPS:
      return set_keep_capabilities(self, a);
    case PR_GET_SECUREBITS:
      return creds.securebits;
    case PR_SET_SECUREBITS:
      return set_securebits(self, a);
    case PR_CAPBSET_READ:
      if (a > CAP_LAST_CAP) return err(Errno::inval);
      return creds.bounding.has(static_cast<unsigned>(a)) ? 1 : 0;
    case PR_CAPBSET_DROP:
      return drop_bounding(self, a);
    case PR_CAP_AMBIENT:
      if (c != 0 || d != 0) return err(Errno::inval);
      return change_ambient(self, a, b);
    case PR_GET_NO_NEW_PRIVS:
      if (a != 0 || b != 0 || c != 0 || d != 0) return err(Errno::inval);
      return creds.no_new_privileges ? 1 : 0;
    case PR_SET_NO_NEW_PRIVS:
      if (b != 0 || c != 0 || d != 0) return err(Errno::inval);
      return set_no_new_privileges(self, a);
    default:
      return err(Errno::inval);
  }
}

}  // namespace

Result<std::int64_t> prctl(Task& self, int option, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  task::Process& process = self.process();
  switch (option) {
    case PR_SET_NAME:
      return set_name(self, UserAddr{a});
    case PR_GET_NAME:
      return get_name(self, UserAddr{a});
    case PR_SET_PDEATHSIG:
      return set_parent_death_signal(self, a);
    case PR_GET_PDEATHSIG:
      return write_int(UserAddr{a}, self.parent_death_signal);
    case PR_GET_DUMPABLE:
      return process.dumpable ? 1 : 0;
    case PR_SET_DUMPABLE:
      if (a > 1) return err(Errno::inval);
      process.dumpable = a == 1;
      return 0;
    case PR_SET_CHILD_SUBREAPER: {
      sync::LockHeld tree{task::g_task_tree};
      process.reparents_to_here = a != 0;
      return 0;
    }
    case PR_GET_CHILD_SUBREAPER:
      return write_int(UserAddr{a}, process.reparents_to_here ? 1 : 0);
    case PR_SET_TIMERSLACK:
      self.timer_slack_ns = a == 0 ? self.default_timer_slack_ns : a;
      return 0;
    case PR_GET_TIMERSLACK:
      return static_cast<std::int64_t>(self.timer_slack_ns);
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
      return 0;  // it has none
    case PR_GET_SECCOMP:
      return 0;  // none is in force: PR_SET_SECCOMP is refused
    case PR_GET_TSC:
      return write_int(UserAddr{a}, PR_TSC_ENABLE);
    case PR_SET_TSC:
      if (a != PR_TSC_ENABLE) return err(Errno::inval);
      return 0;
    case PR_GET_TID_ADDRESS:
      TRY(UserOut<std::uint64_t>{UserAddr{a}}.write(self.clear_child_tid.value));
      return 0;
    case PR_GET_TIMING:
      return PR_TIMING_STATISTICAL;
    case PR_SET_TIMING:
      if (a != PR_TIMING_STATISTICAL) return err(Errno::inval);
      return 0;
    default:
      return credential_option(self, option, a, b, c, d);
  }
}

Result<void> arch_prctl(Task& self, int option, std::uint64_t address) {
  {
    const arch::IrqOff off;
    arch::save_tls(self.tls);
  }
  switch (option) {
    case ARCH_SET_FS:
    case ARCH_SET_GS: {
      if (address >= arch::kUserEnd) return err(Errno::perm);
      (option == ARCH_SET_FS ? self.tls.fs_base : self.tls.gs_base) = address;
      const arch::IrqOff off;
      arch::load_tls(self.tls);
      return {};
    }
    case ARCH_GET_FS:
      return UserOut<std::uint64_t>{UserAddr{address}}.write(self.tls.fs_base);
    case ARCH_GET_GS:
      return UserOut<std::uint64_t>{UserAddr{address}}.write(self.tls.gs_base);
    default:
      return err(Errno::inval);
  }
}

Result<std::uint32_t> personality(Task& self, std::uint32_t persona) {
  constexpr std::uint32_t kAsk = 0xffff'ffff;
  task::Process& process = self.process();
  const std::uint32_t before = process.personality;
  if (persona != kAsk) process.personality = persona;
  return before;
}

}  // namespace k::sys
