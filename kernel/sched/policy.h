/// Scheduling policies and priorities, in Linux's numbers.
/// Source: sched(7), <linux/sched.h>.
#pragma once

#include <cstdint>

namespace k::sched {

enum class Policy : std::uint8_t { other = 0, fifo = 1, rr = 2, batch = 3, idle = 5 };

constexpr bool is_realtime(Policy p) { return p == Policy::fifo || p == Policy::rr; }
constexpr bool is_policy(int number) { return (number >= 0 && number <= 3) || number == 5; }

inline constexpr int kMinNice = -20, kMaxNice = 19;
inline constexpr int kMinRtPriority = 1, kMaxRtPriority = 99;
inline constexpr std::uint64_t kRrSliceNs = 100'000'000;

/// CPU share of a nice level relative to its neighbours: 1.25 a step, 1024 at nice 0; SCHED_IDLE gets 3.
std::uint32_t weight_of(Policy policy, int nice);

}  // namespace k::sched
