#include "arch/x86_64/fpu/state.h"

#include <cstring>

#include "arch/include/arch/percpu.h"
#include "arch/x86_64/fpu/xsave.h"
#include "kernel/lib/alloc.h"

namespace k::arch {
namespace {

constexpr std::uint16_t kInitialControl = 0x37f;
constexpr std::uint32_t kInitialMxcsr = 0x1f80;

/// Preemption off without a look at whether a reschedule is due: whoever set that will come again.
class Pinned {
 public:
  Pinned() : saved_(interrupts_save()) {}
  ~Pinned() { interrupts_restore(saved_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  std::uint64_t saved_;
};

}  // namespace

bool FpuState::in_registers() const { return this_cpu_block().fpu_owner == this && last_cpu_ == cpu_id(); }

void FpuState::save() {
  if (!live_) return;
  xsave_to(area());
  live_ = false;
}

void FpuState::load() {
  if (!in_registers()) {
    xrstor_from(area());
    this_cpu_block().fpu_owner = this;
    last_cpu_ = cpu_id();
  }
}

void FpuState::forget() {
  live_ = false;
  last_cpu_ = kNowhere;
}

void FpuState::reset() {
  forget();
  std::memset(area(), 0, xsave_bytes());
  legacy().control = kInitialControl;
  legacy().mxcsr = kInitialMxcsr;
}

void FpuState::copy_from(const FpuState& other) { std::memcpy(area(), other.area(), xsave_bytes()); }

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
    const Pinned pinned;
    // The registers stay ahead of memory: the thread runs on.
    if (from->live()) {
      from->save();
      from->mark_live();
    }
  }
  to->forget();
  to->copy_from(*from);
}

void fpu_reset(FpuState* state) {
  const Pinned pinned;
  state->reset();
}
void fpu_forget(FpuState* state) {
  const Pinned pinned;
  state->forget();
}

void fpu_switch_out(FpuState* state) { state->save(); }

void fpu_return_to_user(FpuState* state) {
  state->load();
  state->mark_live();
}

}  // namespace k::arch
