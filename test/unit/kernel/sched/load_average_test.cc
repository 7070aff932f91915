#include "kernel/sched/load_meter.h"

namespace sched = k::sched;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
double value(const sched::LoadAverage& a, unsigned i) { return static_cast<double>(a.values()[i]) / 65536; }

TEST(LoadAverage, OneBusyThreadApproachesOneAtTheThreeRates) {
  sched::LoadAverage a;
  a.update(60 * kSecond, 60 * kSecond);
  EXPECT_NEAR(value(a, 0), 1 - 0.3679, 0.01);
  EXPECT_NEAR(value(a, 1), 1 - 0.8187, 0.01);
  EXPECT_NEAR(value(a, 2), 1 - 0.9355, 0.01);
}
TEST(LoadAverage, LookingOftenOrSeldomGivesTheSame) {
  sched::LoadAverage often, seldom;
  for (std::uint64_t t = 1; t <= 300; ++t) often.update(2 * t * kSecond, t * kSecond);
  seldom.update(2 * 300 * kSecond, 300 * kSecond);
  for (unsigned i = 0; i < 3; ++i) EXPECT_NEAR(value(often, i), value(seldom, i), 0.02);
}
TEST(LoadAverage, DecaysWhenIdle) {
  sched::LoadAverage a;
  a.update(4 * 3600 * kSecond, 3600 * kSecond);
  EXPECT_NEAR(value(a, 0), 4, 0.05);
  a.update(4 * 3600 * kSecond, 3660 * kSecond);
  EXPECT_NEAR(value(a, 0), 4 * 0.3679, 0.05);
}
TEST(LoadMeter, IntegratesCountOverTime) {
  sched::LoadMeter m;
  m.note(0, 100);  // 0 threads until 100
  m.note(2, 150);  // 2 threads until 150
  EXPECT_EQ(m.read(3, 160), 2u * 50 + 3u * 10);
}

}  // namespace
