#include "kernel/log/ring.h"

#include <string>
#include <vector>

namespace log_ = k::log;

namespace {

struct SmallRing {
  alignas(16) std::byte buffer[1024];
  log_::Ring ring{buffer};
};

TEST(LogRing, ReadsBackWhatWasAppended) {
  SmallRing s;
  s.ring.append(5, log_::Level::warning, 0, "hello");
  log_::Record r;
  ASSERT_TRUE(s.ring.read(0, r));
  EXPECT_EQ(r.message(), "hello");
  EXPECT_EQ(r.time_ns, 5u);
  EXPECT_EQ(r.level, log_::Level::warning);
  EXPECT_FALSE(s.ring.read(1, r));
}
TEST(LogRing, OldRecordsGiveWayAndNumbersHaveNoGaps) {
  SmallRing s;
  for (unsigned i = 0; i < 5000; ++i) {
    const std::string text(i * 7 % 120, static_cast<char>('a' + i % 26));
    s.ring.append(i, log_::Level::info, 0, text);
    ASSERT_EQ(s.ring.next(), i + 1);
    log_::Record r;
    for (std::uint64_t n = s.ring.first(); n < s.ring.next(); ++n) {
      ASSERT_TRUE(s.ring.read(n, r));
      ASSERT_EQ(r.sequence, n);
      ASSERT_EQ(r.time_ns, n);
      ASSERT_EQ(r.message(), std::string(n * 7 % 120, static_cast<char>('a' + n % 26)));
    }
  }
  EXPECT_GT(s.ring.first(), 4900u);
}
TEST(LogRing, AReaderThatFellBehindGetsTheOldestLeft) {
  SmallRing s;
  for (unsigned i = 0; i < 100; ++i) s.ring.append(i, log_::Level::info, 0, "some text");
  log_::Record r;
  ASSERT_TRUE(s.ring.read(0, r));
  EXPECT_EQ(r.sequence, s.ring.first());
}
TEST(LogRing, LongMessagesAreCut) {
  SmallRing s;
  s.ring.append(0, log_::Level::info, 0, std::string(2000, 'x'));
  log_::Record r;
  ASSERT_TRUE(s.ring.read(0, r));
  EXPECT_EQ(r.length, log_::kMaxMessage);
}
TEST(LogFormat, DevKmsgAndSyslogShapes) {
  log_::Record r;
  r.sequence = 7, r.time_ns = 1'234'567'000, r.level = log_::Level::notice, r.facility = 1, r.length = 2;
  r.text[0] = 'o', r.text[1] = 'k';
  char out[64];
  EXPECT_EQ(std::string(out, log_::format_kmsg(r, out)), "13,7,1234567,-;ok\n");
  EXPECT_EQ(std::string(out, log_::format_record(r, out)), "<13>[    1.234567] ok\n");
}

}  // namespace
