// The machine around the pure parts on the host: no timer, no other CPUs to interrupt, no contexts to switch. Tests of code
// that would switch threads drive its pure classes instead.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "arch/include/arch/context.h"
#include "arch/include/arch/cpu.h"
#include "arch/include/arch/interrupts.h"
#include "arch/include/arch/platform.h"
#include "kernel/lib/assert.h"

namespace k::arch {

std::uint64_t hardware_entropy() {
  static thread_local std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

void console_write_raw(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void timer_arm(std::uint64_t) {}
/// Host threads take part in RCU by calling quiescent(): no interrupt is needed.
void send_reschedule(unsigned) {}
std::uint64_t cycles_per_second() { return 1'000'000'000; }

void set_kernel_stack(void*) {}
void save_tls(UserTls&) {}
void load_tls(const UserTls&) {}
void fpu_switch_out(FpuState*) {}

extern "C" void ht_switch_context(Context*, const Context*) {
  lib::fail("a host thread cannot switch", __FILE__, __LINE__);
}

}  // namespace k::arch
