#include "ipc/pipe_ring.h"

#include <random>

#include "test/unit/support/alloc_failure.h"
#include "test/unit/support/vfs.h"

namespace {

using k::IoBuffer;
using k::ipc::Packets;
using k::ipc::PipeRing;

std::size_t put(PipeRing& ring, std::string_view text, Packets packets = Packets::no) {
  IoBuffer from = IoBuffer::kernel(std::as_bytes(std::span{text}));
  return ring.push(from, packets).value();
}

std::string get(PipeRing& ring, std::size_t n) {
  std::string text(n, '\0');
  IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span{text}));
  text.resize(ring.pop(to).value());
  return text;
}

struct PipeRingTest : k::test::VfsTest {
  PipeRing ring, other;
};

TEST_F(PipeRingTest, SmallWritesShareAPage) {
  put(ring, "one");
  put(ring, "two");
  EXPECT_EQ(ring.used(), 1u);
  EXPECT_EQ(ring.bytes(), 6u);
  put(ring, std::string(4091, 'x'));
  EXPECT_EQ(ring.used(), 2u) << "it would not have fitted whole";
  EXPECT_EQ(get(ring, 6), "onetwo");
}

TEST_F(PipeRingTest, SharedPagesStayInBothRings) {
  put(ring, "shared");
  EXPECT_EQ(other.share_from(ring, 4), 4u);
  EXPECT_EQ(get(other, 10), "shar");
  EXPECT_EQ(get(ring, 10), "shared");
}

TEST_F(PipeRingTest, ASharedPageIsNotWritten) {
  put(ring, "ab");
  EXPECT_EQ(other.share_from(ring, 2), 2u);
  put(other, "X");
  put(ring, "Y");
  EXPECT_EQ(get(other, 10), "abX");
  EXPECT_EQ(get(ring, 10), "abY");
}

TEST_F(PipeRingTest, MovedBytesLeaveTheirRing) {
  put(ring, std::string(4096, 'a') + "tail");
  EXPECT_EQ(other.move_from(ring, 4098), 4098u);
  EXPECT_EQ(get(ring, 10), "il");
  EXPECT_EQ(get(other, 5000), std::string(4096, 'a') + "ta");
}

TEST_F(PipeRingTest, MovingStopsWhereThereIsNoSlot) {
  for (unsigned i = 0; i < PipeRing::kDefaultSlots; ++i) put(other, "p", Packets::yes);
  put(ring, "stays");
  EXPECT_TRUE(other.full());
  EXPECT_EQ(other.move_from(ring, 5), 0u);
  EXPECT_EQ(other.share_from(ring, 5), 0u);
  EXPECT_EQ(get(ring, 10), "stays");
}

TEST_F(PipeRingTest, APieceIsConsumedUnlessSomebodyReadIt) {
  put(ring, "abcdef");
  {
    const auto piece = ring.peek();
    EXPECT_EQ(piece.bytes().size(), 6u);
    ring.consume(piece, 2);
    EXPECT_EQ(ring.bytes(), 4u);
    ring.consume(piece, 2);
    EXPECT_EQ(ring.bytes(), 4u) << "its beginning is gone";
  }
  const auto piece = ring.peek();
  EXPECT_EQ(get(ring, 4), "cdef");
  ring.consume(piece, 4);
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(piece.bytes().data()), 4), "cdef") << "held by reference";
  EXPECT_TRUE(ring.peek().bytes().empty());
}

TEST_F(PipeRingTest, AFailedResizeChangesNothing) {
  put(ring, std::string(50'000, 'x'));
  k::test::fail_each_allocation([&] { return ring.resize(64).has_value(); },
                                [&] { EXPECT_EQ(ring.slots(), PipeRing::kDefaultSlots); });
  EXPECT_EQ(ring.slots(), 64u);
  EXPECT_EQ(get(ring, 60'000), std::string(50'000, 'x'));
}

TEST_F(PipeRingTest, AgreesWithAModelUnderResizing) {
  std::mt19937 random{5};
  std::string model;
  for (int i = 0; i < 20'000; ++i) {
    switch (random() % 8) {
      case 0:
        if (ring.resize(1u << random() % 7)) ASSERT_GE(ring.slots(), ring.used());
        break;
      case 1:
      case 2:
      case 3: {
        const std::string text(random() % 6000, static_cast<char>('a' + i % 26));
        model += text.substr(0, put(ring, text));
        break;
      }
      default: {
        const std::string text = get(ring, random() % 7000);
        ASSERT_EQ(text, model.substr(0, text.size()));
        model.erase(0, text.size());
      }
    }
    ASSERT_EQ(ring.bytes(), model.size());
  }
}

}  // namespace
