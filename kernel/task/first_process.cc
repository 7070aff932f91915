#include "kernel/task/first_process.h"

#include "kernel/sched/sched.h"
#include "kernel/task/process_group.h"
#include "kernel/time/deadline.h"
#include "mm/phys/page_alloc.h"

namespace k::task {
namespace {

void (*g_run)(Task&);

[[noreturn]] void enter(void* argument) {
  Task& self = *static_cast<Task*>(argument);
  g_run(self);
  arch::enter_user_mode(&self.regs());
}

void make_visible(Process& process, Task& task) {
  process.ref();  // nobody waits for it: it lives for good
  Locked signals{process.signals};
  signals->threads.push_back(task);
  signals->live_threads = 1;
  process.pid->task.store(&task, std::memory_order_release);
  process.pid->process.store(&process, std::memory_order_release);
}

}  // namespace

Result<void> start_first_process(void (*run)(Task&)) {
  auto pid = TRY(allocate_pid());
  auto actions = TRY(make_ref<SharedActions>());
  auto process = TRY(make_ref<Process>(pid, std::move(actions)));
  process->limits.scale_to_memory(mm::memory_counters().total_frames);
  process->started_ns = time::monotonic_ns();
  process->exit_signal = 0;
  auto credentials = TRY(fs::Credentials::create_root());
  auto user = TRY(User::find_or_create(fs::kRootUid));
  Box<Task> task = TRY(make<Task>(pid, process, std::move(credentials), std::move(user)));
  TRY(task->init("swapper/init", &enter, task.get()));
  task->fpu = TRY(arch::fpu_create());
  task->set_fds(TRY(fs::FdTable::create()));
  make_visible(*process, *task);
  TRY(start_session(*process));
  g_run = run;
  sched::wake_new(*task.release());
  return {};
}

}  // namespace k::task
