// semctl.
#include <asm/sembuf.h>

#include "ipc/sysv/semaphore_set.h"
#include "syscalls/calls_ipc.h"
#include "syscalls/ipc_encode.h"

namespace k::sys {
namespace {

using ipc::sysv::Caller;
using ipc::sysv::initial_namespace;
using ipc::sysv::Namespace;
using ipc::sysv::SemaphoreSet;

/// IPC_INFO, SEM_INFO; the answer is the highest index in use.
Result<int> information(int command, UserAddr to) {
  Namespace& in = initial_namespace();
  const auto usage = in.semaphore_sets.usage();
  ZeroedOut<uapi::seminfo> info;
  info->semmap = SEMMAP;
  info->semmni = in.semaphore_limits.sets.load();
  info->semmns = in.semaphore_limits.in_all.load();
  info->semmnu = SEMMNU;
  info->semmsl = in.semaphore_limits.per_set.load();
  info->semopm = in.semaphore_limits.operations.load();
  info->semume = SEMUME;
  info->semvmx = SEMVMX;
  info->semusz = command == SEM_INFO ? static_cast<int>(usage.objects) : SEMUSZ;
  info->semaem = command == SEM_INFO ? in.semaphores.load() : SEMAEM;
  TRY(info.write(to));
  return std::max(usage.highest_index, 0);
}

Result<void> write_status(const SemaphoreSet::Status& s, UserAddr to) {
  ZeroedOut<uapi::semid64_ds> out;
  fill(out->sem_perm, s.permissions, s.sequence);
  out->sem_otime = s.operated;
  out->sem_ctime = s.changed;
  out->sem_nsems = s.count;
  return out.write(to);
}

Result<int> statistics(int id, int command, UserAddr to, const Caller& caller) {
  auto& sets = initial_namespace().semaphore_sets;
  const auto set = TRY(command == IPC_STAT ? sets.find(id) : sets.at(static_cast<unsigned>(id) & 0x7fff));
  TRY(write_status(command == SEM_STAT_ANY ? set->status() : TRY(set->status(caller)), to));
  return command == IPC_STAT ? 0 : set->id();
}

Result<void> change(int id, UserAddr from, const Caller& caller) {
  const auto to = TRY(UserIn<uapi::semid64_ds>{from}.read());
  const auto set = TRY(initial_namespace().semaphore_sets.find(id));
  return set->change_owner(to.sem_perm.uid, to.sem_perm.gid, to.sem_perm.mode, caller);
}

Result<void> all_values(SemaphoreSet& set, int command, UserAddr at, const Caller& caller) {
  const Box<unsigned short[]> values{new (std::nothrow) unsigned short[set.count()]};
  if (!values) return err(Errno::nomem);
  const std::span<unsigned short> all{values.get(), set.count()};
  if (command == GETALL) {
    TRY(set.get_all(all, caller));
    return UserOut<unsigned short>{at}.write_all(all);
  }
  TRY(set.check_writable(caller));
  TRY(UserIn<unsigned short>{at}.read_all(all));
  return set.set_all(all, caller);
}

Result<int> on_set(SemaphoreSet& set, unsigned index, int command, UserAddr argument, const Caller& caller) {
  switch (command) {
    case GETVAL:
      return TRY(set.look(index, caller)).value;
    case GETPID:
      return TRY(set.look(index, caller)).process;
    case GETNCNT:
      return set.count_waiting(index, SemaphoreSet::Waiting::for_increase, caller);
    case GETZCNT:
      return set.count_waiting(index, SemaphoreSet::Waiting::for_zero, caller);
    case SETVAL:
      TRY(set.set_one(index, static_cast<int>(argument.value), caller));
      return 0;
    case GETALL:
    case SETALL:
      TRY(all_values(set, command, argument, caller));
      return 0;
    case IPC_RMID:
      TRY(set.remove(caller));
      return 0;
    default:
      return err(Errno::inval);
  }
}

}  // namespace

Result<int> semctl(Task& self, int id, int index, int command, UserAddr argument) {
  if (id < 0) return err(Errno::inval);
  const Caller caller = ipc_caller(self);
  switch (command) {
    case IPC_INFO:
    case SEM_INFO:
      return information(command, argument);
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
      return statistics(id, command, argument, caller);
    case IPC_SET:
      TRY(change(id, argument, caller));
      return 0;
    default:
      break;
  }
  const auto value = static_cast<int>(argument.value);
  if (command == SETVAL && (value < 0 || value > SEMVMX)) return err(Errno::range);
  const auto set = TRY(initial_namespace().semaphore_sets.find(id));
  return on_set(*set, static_cast<unsigned>(index), command, argument, caller);
}

}  // namespace k::sys
