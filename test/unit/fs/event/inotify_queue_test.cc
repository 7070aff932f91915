#include "fs/event/inotify_queue.h"

#include "test/unit/support/frames.h"

using k::fs::event::InotifyQueue;

namespace {

constexpr std::size_t kMost = 100;

std::string next(InotifyQueue& queue) {
  const auto* const record = queue.pop();
  if (record == nullptr) return "<empty>";
  std::string text =
      std::to_string(record->head.wd) + "," + std::to_string(record->head.mask) + "," + std::string{record->name()};
  InotifyQueue::release(record);
  return text;
}

TEST(InotifyQueue, GivesEventsInOrderWithPaddedNames) {
  InotifyQueue queue{kMost};
  queue.push(1, IN_OPEN, 0, "fifteen-letters");
  queue.push(1, IN_OPEN, 0, "sixteen--letters");
  queue.push(2, IN_ATTRIB, 0, {});
  EXPECT_EQ(queue.bytes(), 16u + 16 + 16 + 32 + 16);
  EXPECT_EQ(next(queue), "1,32,fifteen-letters");
  EXPECT_EQ(next(queue), "1,32,sixteen--letters");
  EXPECT_EQ(next(queue), "2,4,");
  EXPECT_EQ(next(queue), "<empty>");
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(InotifyQueue, MergesWhatEqualsTheLast) {
  InotifyQueue queue{kMost};
  queue.push(1, IN_MODIFY, 0, "a");
  queue.push(1, IN_MODIFY, 0, "a");
  queue.push(1, IN_MODIFY, 0, "b");
  queue.push(1, IN_MODIFY, 0, "a");
  EXPECT_EQ(next(queue), "1,2,a");
  EXPECT_EQ(next(queue), "1,2,b");
  EXPECT_EQ(next(queue), "1,2,a");
  queue.push(1, IN_MODIFY, 0, "a");
  EXPECT_EQ(next(queue), "1,2,a");
}

TEST(InotifyQueue, SaysOnceThatItOverflowed) {
  InotifyQueue queue{kMost};
  for (std::size_t i = 0; i < kMost + 10; ++i) queue.push(static_cast<std::int32_t>(i), IN_OPEN, 0, {});
  for (std::size_t i = 0; i < kMost; ++i) EXPECT_NE(next(queue), "<empty>");
  EXPECT_EQ(next(queue), "-1,16384,");
  EXPECT_EQ(next(queue), "<empty>");
  queue.push(1, IN_OPEN, 0, "x");
  EXPECT_EQ(next(queue), "1,32,x");
}

}  // namespace
