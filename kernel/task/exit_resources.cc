#include "kernel/task/exit_resources.h"

#include "kernel/task/futex_user.h"
#include "kernel/task/process.h"
#include "kernel/task/wait_rules.h"

namespace k::task {
namespace {

constexpr std::uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

}  // namespace

/// The C library joins a thread by this futex. Alone in its memory nobody can be waiting.
void clear_child_tid(Task& self) {
  const UserAddr at = self.clear_child_tid;
  self.clear_child_tid = {};
  if (at.value == 0 || self.address_space().ref_count() == 1) return;
  if (arch::store_user_u32(at, 0)) wake_futex(self, at);
}

void finish_vfork(Task& self) {
  if (!self.vfork) return;
  self.vfork->finish();
  self.vfork.reset();
}

void leave_memory(Task& self) {
  clear_child_tid(self);
  self.set_address_space(nullptr);
  finish_vfork(self);
}

SignalInfo end_info(const Process& process) {
  const EndOfProcess end = describe_end(process.exit_status);
  SignalInfo info = SignalInfo::from_kernel(process.exit_signal);
  info.code = end.code;
  info.fields.child.pid = process.id();
  info.fields.child.uid = process.exit_uid;
  info.fields.child.status = end.detail;
  info.fields.child.user_ticks = static_cast<std::int64_t>(process.dead_threads.user_ns / kNsPerTick);
  info.fields.child.system_ticks = static_cast<std::int64_t>(process.dead_threads.system_ns / kNsPerTick);
  return info;
}

}  // namespace k::task
