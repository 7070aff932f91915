// Under ThreadSanitizer a report fails the test that runs. The report itself may not call anything that locks.
#if __has_feature(thread_sanitizer)
#include <gtest/gtest.h>

#include <atomic>

namespace {

constinit std::atomic<unsigned> reports{0};

class FailOnReport : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    EXPECT_EQ(reports.exchange(0), 0u) << "ThreadSanitizer reported something";
  }
};

[[maybe_unused]] const bool listens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new FailOnReport);
  return true;
}();

}  // namespace

extern "C" void __tsan_on_report(void*);  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
extern "C" void __tsan_on_report(void*) { reports.fetch_add(1, std::memory_order_relaxed); }
#endif
