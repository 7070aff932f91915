#include "arch/x86_64/fpu/user_state.h"

#include <asm/sigcontext.h>

#include "arch/include/arch/cpu.h"
#include "arch/include/arch/percpu.h"
#include "arch/include/arch/user_access.h"
#include "arch/x86_64/cpu/features.h"
#include "arch/x86_64/fpu/xsave.h"

// Save and load instructions on user memory; false on a fault. `components` is ignored without XSAVE.
extern "C" {
bool ht_xsave_to_user(std::uint64_t to, std::uint64_t components);
bool ht_xrstor_from_user(std::uint64_t from, std::uint64_t components);
bool ht_fxsave_to_user(std::uint64_t to);
bool ht_fxrstor_from_user(std::uint64_t from);
}

namespace k::arch {
namespace {

using Software = uapi::_fpx_sw_bytes;
constexpr std::size_t kSoftwareOffset = 464, kHeaderOffset = 512, kHeaderBytes = 64;
constexpr std::uint64_t kLegacyComponents = 3;  // x87 and SSE
static_assert(offsetof(LegacyArea, software) == kSoftwareOffset);

bool save(FpuState& state, UserAddr to) {
  const IrqOff off;
  state.load();  // a switch since entry may have put another thread's state there
  return g_features.xsave ? ht_xsave_to_user(to.value, ~std::uint64_t{0}) : ht_fxsave_to_user(to.value);
}

/// Registers take what memory holds when `load` succeeds; memory is then out of date, as after any use.
bool load(FpuState& state, UserAddr from, std::uint64_t components) {
  const IrqOff off;
  state.load_initial();
  if (!g_features.xsave || components == 0) return ht_fxrstor_from_user(from.value);
  return ht_xrstor_from_user(from.value, components);
}

/// Describes the area to whoever reads the frame. The header claims the legacy components, so that a handler may change them
/// without knowing of the header.
bool describe(UserAddr area) {
  const auto bytes = static_cast<std::uint32_t>(xsave_bytes());
  Software software{};
  software.magic1 = FP_XSTATE_MAGIC1;
  software.extended_size = bytes + FP_XSTATE_MAGIC2_SIZE;
  software.xfeatures = xsave_components();
  software.xstate_size = bytes;
  std::uint32_t components = 0;
  return copy_to_user(area + kSoftwareOffset, &software, sizeof software) == 0 &&
         load_user_u32(area + kHeaderOffset, &components) &&
         store_user_u32(area + kHeaderOffset, components | static_cast<std::uint32_t>(kLegacyComponents)) &&
         store_user_u32(area + bytes, FP_XSTATE_MAGIC2);
}

/// The components to take from the area: 0 when it is a plain FXSAVE image. Source: <asm/sigcontext.h>.
std::uint64_t components_in(UserAddr area) {
  Software software;
  std::uint32_t magic2 = 0;
  if (copy_from_user(&software, area + kSoftwareOffset, sizeof software) != 0) return 0;
  const std::size_t least = kHeaderOffset + kHeaderBytes;
  if (software.magic1 != FP_XSTATE_MAGIC1 || software.xstate_size < least || software.xstate_size > xsave_bytes())
    return 0;
  if (software.xstate_size > software.extended_size) return 0;
  if (!load_user_u32(area + software.xstate_size, &magic2) || magic2 != FP_XSTATE_MAGIC2) return 0;
  return software.xfeatures & xsave_components();
}

/// Reads or writes of a page that is not there yet fail inside; make them be there and try again.
bool touch(UserAddr area) {
  for (std::size_t at = 0; at < xsave_bytes(); at += kPageSize) {
    std::uint32_t word;
    if (!load_user_u32(area + at, &word)) return false;
  }
  std::uint32_t last;
  return load_user_u32(area + xsave_bytes() - sizeof last, &last);
}

}  // namespace

std::size_t fpu_frame_bytes() { return xsave_bytes() + FP_XSTATE_MAGIC2_SIZE; }

bool save_fpu_to_user(FpuState& state, UserAddr to) {
  // XSAVE leaves the header's reserved words alone.
  if (g_features.xsave && clear_user(to + kHeaderOffset, kHeaderBytes) != 0) return false;
  if (!save(state, to) && (clear_user(to, xsave_bytes()) != 0 || !save(state, to))) return false;
  if (g_features.xsave && !describe(to)) return false;
  const IrqOff off;
  state.load_initial();
  return true;
}

bool load_fpu_from_user(FpuState& state, UserAddr from) {
  if (from.value == 0) {
    const IrqOff off;
    state.load_initial();
    return true;
  }
  const std::uint64_t components = g_features.xsave ? components_in(from) : 0;
  if (load(state, from, components)) return true;
  if (touch(from) && load(state, from, components)) return true;
  const IrqOff off;
  state.load_initial();
  return false;
}

}  // namespace k::arch
