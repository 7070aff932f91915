#include "arch/x86_64/fpu/state.h"

#include <atomic>
#include <cstring>

#include "arch/include/arch/percpu.h"
#include "arch/include/arch/upcalls.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/fpu/xsave.h"
#include "kernel/lib/alloc.h"

namespace k::arch {
namespace {

/// A save area whose header claims no component: XRSTOR then takes initial values for all. Source: Intel SDM volume 1, 13.8.
struct alignas(64) InitialArea {
  LegacyArea legacy;
  XsaveHeader header;
};
constinit const InitialArea g_initial{.legacy = {.control = 0x37f, .mxcsr = 0x1f80}, .header = {}};

}  // namespace

bool FpuState::in_registers() const { return this_cpu_block().fpu_owner == this && last_cpu_ == cpu_id(); }

void FpuState::save() {
  if (in_registers()) xsave_to(area());
}

void FpuState::own_registers() {
  this_cpu_block().fpu_owner = this;
  last_cpu_ = cpu_id();
}

void FpuState::load() {
  if (in_registers()) return;
  xrstor_from(area());
  own_registers();
}

void FpuState::load_initial() {
  xrstor_from(&g_initial);
  own_registers();
}

void FpuState::forget() {
  if (this_cpu_block().fpu_owner == this) this_cpu_block().fpu_owner = nullptr;
  last_cpu_ = kNowhere;
}

void FpuState::reset() {
  forget();
  const std::size_t known = g_features.xsave ? sizeof g_initial : sizeof g_initial.legacy;
  std::memcpy(area(), &g_initial, known);
  std::memset(area() + known, 0, xsave_bytes() - known);
}

void FpuState::copy_from(const FpuState& other) { std::memcpy(area(), other.area(), xsave_bytes()); }

void load_on_return() {
  auto* work = static_cast<std::atomic<std::uint32_t>*>(current_thread());
  work->fetch_or(static_cast<std::uint32_t>(ExitWork::load_fpu), std::memory_order_relaxed);
}

Result<FpuState*> fpu_create() {
  void* memory = lib::allocate(sizeof(FpuState) + xsave_bytes(), alignof(FpuState));
  if (memory == nullptr) return err(Errno::nomem);
  auto* state = ::new (memory) FpuState;
  state->reset();
  return state;
}
void fpu_destroy(FpuState* state) { lib::deallocate(state); }
void FpuDeleter::operator()(FpuState* state) const { fpu_destroy(state); }

std::size_t fpu_state_size() { return xsave_bytes(); }

void fpu_clone(FpuState* to, FpuState* from) {
  {
    const IrqOff off;
    from->save();
  }
  to->forget();
  to->copy_from(*from);
}

void fpu_reset(FpuState* state) {
  const IrqOff off;
  state->reset();
  load_on_return();
}
void fpu_forget(FpuState* state) {
  const IrqOff off;
  state->forget();
}

void fpu_switch_out(FpuState* state) { state->save(); }

void fpu_return_to_user(FpuState* state) { state->load(); }

}  // namespace k::arch
