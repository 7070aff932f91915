#include "kernel/sched/policy.h"

namespace k::sched {

std::uint32_t weight_of(Policy policy, int nice) {
  // 1024 / 1.25^nice, rounded as Linux rounds it, so that shares agree with Linux's to the digit.
  static constexpr std::uint32_t kWeights[kMaxNice - kMinNice + 1] = {
      88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,  // -20
      9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,   // -10
      1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,    // 0
      110,   87,    70,    56,    45,    36,    29,    23,    18,    15,     // 10
  };
  return policy == Policy::idle ? 3 : kWeights[nice - kMinNice];
}

}  // namespace k::sched
