#include "kernel/irq/irq.h"

#include <atomic>

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/upcalls.h"
#include "kernel/irq/entropy.h"
#include "kernel/lib/ref.h"
#include "kernel/sync/guarded.h"
#include "kernel/sync/rcu.h"

namespace k::irq {
namespace {

/// One handler of a line.
struct Action {
  Handler handler;
  void* argument;
  std::atomic<Action*> next{nullptr};
  sync::rcu::Head rcu_head;
};

struct Line {
  std::atomic<Action*> actions{nullptr};
  std::atomic<std::uint64_t> count{0};
  const char* name = nullptr;
};

constexpr unsigned kVectors = 256;
constinit Line lines[kVectors];
constinit sync::SpinIrq<sync::Rank::irq_table> table_lock;

Result<unsigned> attach(Result<unsigned> routed, const char* name, Handler handler, void* argument) {
  const unsigned vector = TRY(std::move(routed));
  Box<Action> action = TRY(make<Action>(handler, argument));
  bool first;
  {
    sync::LockHeld held{table_lock};
    Line& line = lines[vector];
    first = line.actions.load(std::memory_order_relaxed) == nullptr;
    line.name = name;
    action->next.store(line.actions.load(std::memory_order_relaxed), std::memory_order_relaxed);
    sync::rcu::assign(line.actions, action.release());
  }
  if (first) arch::irq_unmask(vector);
  return vector;
}

}  // namespace

Result<unsigned> attach_isa(unsigned isa_irq, const char* name, Handler handler, void* argument) {
  return attach(arch::irq_route_isa(isa_irq, 0), name, handler, argument);
}
Result<unsigned> attach_gsi(unsigned gsi, const char* name, Handler handler, void* argument) {
  return attach(arch::irq_route_gsi(gsi, 0), name, handler, argument);
}

void detach(unsigned vector, Handler handler, void* argument) {
  Action* gone = nullptr;
  {
    sync::LockHeld held{table_lock};
    std::atomic<Action*>* link = &lines[vector].actions;
    for (Action* a = link->load(); a != nullptr; link = &a->next, a = link->load()) {
      if (a->handler != handler || a->argument != argument) continue;
      link->store(a->next.load(), std::memory_order_release);
      gone = a;
      break;
    }
    if (lines[vector].actions.load() == nullptr) arch::irq_mask(vector);
  }
  sync::rcu::synchronize();
  delete gone;
}

bool line_info(unsigned index, LineInfo& out) {
  for (unsigned vector = 0; vector < kVectors; ++vector) {
    const Line& line = lines[vector];
    if (line.actions.load(std::memory_order_acquire) == nullptr || index-- != 0) continue;
    out = {vector, line.name, line.count.load(std::memory_order_relaxed)};
    return true;
  }
  return false;
}

}  // namespace k::irq

namespace k::arch {

void ht_on_device_irq(unsigned vector) {
  const sync::rcu::IrqScope scope;
  const sync::rcu::ReadGuard reading;
  irq::Line& line = irq::lines[vector];
  line.count.store(line.count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  for (irq::Action* a = sync::rcu::load(line.actions); a != nullptr; a = sync::rcu::load(a->next))
    a->handler(a->argument);
  irq::note_interrupt(vector);
  irq_acknowledge();
}

}  // namespace k::arch
