#include "kernel/sched/load_meter.h"

namespace k::sched {
namespace {

constexpr std::uint64_t kStepNs = 5'000'000'000;  // Linux's sampling interval: the finest step applied at once
constexpr std::uint64_t kOne = std::uint64_t{1} << LoadAverage::kShift;

/// 1 - e^(-t/tau) scaled by kOne, for t <= kStepNs and tau >= 60 s: two terms of the series are exact to 0.01 %.
std::uint64_t share(std::uint64_t t_ns, std::uint64_t tau_seconds) {
  const std::uint64_t x = (t_ns / 1000) * kOne / (tau_seconds * 1'000'000);
  return x - x * x / (2 * kOne);
}

}  // namespace

void LoadAverage::update(std::uint64_t integral, std::uint64_t now) {
  static constexpr std::uint64_t kTau[] = {60, 300, 900};
  std::uint64_t left = now - last_ns_;
  if (left < 1'000'000) return;
  const std::uint64_t active = (integral - last_integral_) / 1000 * kOne / (left / 1000);
  // After an hour of looking away only the present average counts.
  constexpr std::uint64_t kEnough = 720 * kStepNs;
  if (left > kEnough) left = kEnough;
  while (left > 0) {
    const std::uint64_t step = left < kStepNs ? left : kStepNs;
    for (unsigned i = 0; i < values_.size(); ++i) {
      const std::int64_t difference = static_cast<std::int64_t>(active) - static_cast<std::int64_t>(values_[i]);
      values_[i] += static_cast<std::uint64_t>(difference * static_cast<std::int64_t>(share(step, kTau[i])) /
                                               static_cast<std::int64_t>(kOne));
    }
    left -= step;
  }
  last_integral_ = integral;
  last_ns_ = now;
}

}  // namespace k::sched
