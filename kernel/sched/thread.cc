#include "kernel/sched/thread.h"

#include <algorithm>

#include "kernel/lib/ref.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/switch.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spin/preempt.h"

namespace k::sched {
namespace {

void start(void* argument) {
  auto* self = static_cast<Thread*>(argument);
  finish_switch();
  arch::interrupts_enable();
  sync::preempt_check();
  self->run.entry(self->run.argument);
  HT_VERIFY(false && "a thread's entry function returned");
}

/// From the creator's, by a step that the clock makes unpredictable; the zero byte stops string overruns.
std::uint64_t fresh_canary() {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  return (current().stack_canary + arch::cycles()) * kOdd & ~std::uint64_t{0xff};
}

class KernelThread : public Thread, public sync::rcu::Head {
 public:
  KernelThread(void (*function)(void*), void* argument) : function_(function), argument_(argument) {}

  static void enter(void* argument) {
    auto* self = static_cast<KernelThread*>(argument);
    self->function_(self->argument_);
    exit_current([](Thread& dead) { sync::rcu::call(static_cast<KernelThread&>(dead), free); });
  }

 private:
  static void free(sync::rcu::Head* head) { delete static_cast<KernelThread*>(head); }
  void (*function_)(void*);
  void* argument_;
};

}  // namespace

Thread::~Thread() {
  if (state() == ThreadState::fresh && stack_top_ != nullptr) give_back_stack(stack_top_);
}

void Thread::set_name(std::string_view name) {
  const std::size_t n = std::min(name.size(), kNameSize - 1);
  name.copy(name_, n);
  std::fill(name_ + n, name_ + kNameSize, '\0');
}

char Thread::state_letter() const {
  switch (state()) {
    case ThreadState::running:
      return 'R';
    case ThreadState::interruptible:
      return 'S';
    case ThreadState::stopped:
      return 'T';
    case ThreadState::traced:
      return 't';
    case ThreadState::dead:
      return 'X';
    default:
      return 'D';
  }
}

void Thread::inherit_policy() {
  const Thread& from = current();
  run.affinity.store(from.run.affinity.load(std::memory_order_relaxed), std::memory_order_relaxed);
  run.cpu.store(arch::cpu_id(), std::memory_order_relaxed);
  const bool from_idle_thread =
      from.run.policy == Policy::idle && !from.is_user;  // at boot: what it starts is ordinary
  run.own.nice = from.run.own.nice;
  if (!from.reset_on_fork && !from_idle_thread) {
    run.own.policy = from.run.own.policy;
    run.own.rt_priority = from.run.own.rt_priority;
  } else {
    run.own.nice = std::max<std::int8_t>(run.own.nice, 0);
  }
  run.policy = run.own.policy;
  run.nice = run.own.nice;
  run.rt_priority = run.own.rt_priority;
  run.rt.priority = run.rt_priority;
  run.fair.weight = weight_of(run.policy, run.nice);
}

Result<void> Thread::init(std::string_view name, void (*entry)(void*), void* argument) {
  set_name(name);
  stack_top_ = TRY(take_stack());
  inherit_policy();
  attach_entities();
  stack_canary = fresh_canary();
  run.entry = entry;
  run.argument = argument;
  run.start_ns = time::monotonic_ns();
  arch::init_context(context, stack_top_, start, this);
  return {};
}

Result<Thread*> spawn_kernel_thread(std::string_view name, void (*function)(void*), void* argument) {
  Box<KernelThread> thread = TRY(make<KernelThread>(function, argument));
  TRY(thread->init(name, KernelThread::enter, thread.get()));
  wake_new(*thread);
  return thread.release();
}

void exit_current(ExitHook hook) {
  Thread& self = current();
  self.run.exit_hook = hook;
  arch::interrupts_disable();
  if (self.is_user && arch::this_cpu_block().fpu_owner == self.fpu) arch::fpu_forget(self.fpu);
  self.state_word.store(static_cast<std::uint32_t>(ThreadState::dead), std::memory_order_relaxed);
  leave_cpu(Leave::sleep);
  __builtin_unreachable();
}

}  // namespace k::sched
