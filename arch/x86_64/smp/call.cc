#include "arch/x86_64/smp/call.h"

#include <atomic>
#include <bit>

#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/percpu.h"
#include "arch/x86_64/apic/local_apic.h"
#include "arch/x86_64/entry/idt.h"
#include "arch/x86_64/smp/cpus.h"

namespace k::arch {
namespace {

/// What one CPU asks of others now, and who asks something of it.
struct alignas(64) Mailbox {
  void (*function)(void*) = nullptr;
  void* argument = nullptr;
  std::atomic<unsigned> unanswered{0};
  std::atomic<std::uint64_t> callers{0};
};
constinit Mailbox g_mailboxes[kMaxCpus]{};

constexpr std::uint64_t bit_of(unsigned cpu) { return std::uint64_t{1} << cpu; }

}  // namespace

void run_call() {
  std::uint64_t callers = g_mailboxes[cpu_id()].callers.exchange(0, std::memory_order_acquire);
  for (; callers != 0; callers &= callers - 1) {
    Mailbox& from = g_mailboxes[std::countr_zero(callers)];
    from.function(from.argument);
    from.unanswered.fetch_sub(1, std::memory_order_release);
  }
}

void call_on_cpus(std::uint64_t cpu_mask, void (*function)(void*), void* argument) {
  const IrqOff off;
  const unsigned self = cpu_id();
  const unsigned online = cpu_count();
  const std::uint64_t all = online == kMaxCpus ? ~std::uint64_t{0} : bit_of(online) - 1;
  cpu_mask &= all & ~bit_of(self);
  if (cpu_mask == 0) return;
  Mailbox& mine = g_mailboxes[self];
  mine.function = function;
  mine.argument = argument;
  mine.unanswered.store(static_cast<unsigned>(std::popcount(cpu_mask)), std::memory_order_relaxed);
  for (std::uint64_t left = cpu_mask; left != 0; left &= left - 1) {
    const auto cpu = static_cast<unsigned>(std::countr_zero(left));
    // A CPU that has callers already has an interrupt on its way.
    if (g_mailboxes[cpu].callers.fetch_or(bit_of(self), std::memory_order_release) == 0) {
      apic::send_ipi(apic_id_of(cpu), apic::Delivery::fixed, kCallVector);
    }
  }
  while (mine.unanswered.load(std::memory_order_acquire) != 0) {
    run_call();
    pause();
  }
}

void send_reschedule(unsigned cpu) { apic::send_ipi(apic_id_of(cpu), apic::Delivery::fixed, kRescheduleVector); }

}  // namespace k::arch
