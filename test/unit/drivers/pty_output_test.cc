#include "drivers/tty/pty/output_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace drivers = k::drivers;

namespace {

class PtyOutputTest : public testing::Test {
 protected:
  std::string take(std::size_t n) {
    std::string out(n, '?');
    auto buffer = k::IoBuffer::kernel(std::as_writable_bytes(std::span{out}));
    out.resize(queue_.take(buffer).value());
    return out;
  }
  std::size_t push(std::string_view text) { return queue_.push(text); }

  drivers::PtyOutput queue_;
};

TEST_F(PtyOutputTest, KeepsOrderAroundTheRing) {
  std::string sent, got;
  for (int i = 0; i < 100; ++i) {
    const std::string text = "number " + std::to_string(i) + std::string(700, '.');
    sent += text.substr(0, push(text));
    got += take(600);
  }
  got += take(20000);
  EXPECT_EQ(got, sent);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(PtyOutputTest, TakesNoMoreThanItsCapacity) {
  EXPECT_EQ(push(std::string(20000, 'x')), drivers::PtyOutput::kCapacity);
  EXPECT_EQ(queue_.room(), 0u);
  EXPECT_EQ(push("x"), 0u);
}

TEST_F(PtyOutputTest, StoppedTakesNothingAndStillGives) {
  push("before");
  queue_.stopped = true;
  EXPECT_EQ(queue_.room(), 0u);
  EXPECT_EQ(push("x"), 0u);
  EXPECT_EQ(take(10), "before");
}

TEST_F(PtyOutputTest, DiscardingSparesWhatTheMasterHas) {
  push("short");
  queue_.discard();
  EXPECT_EQ(take(10), "short");
  push(std::string(4095, 'a'));
  push(std::string(100, 'b'));
  queue_.discard();
  EXPECT_EQ(take(20000), std::string(4095, 'a'));
}

}  // namespace
