#include "mm/user/io_buffer.h"

#include <array>
#include <cstring>
#include <string_view>

#include "arch/host/fake_user_memory.h"
#include "arch/include/arch/percpu.h"
#include "mm/user/no_fault.h"

using k::IoBuffer;
using k::arch::host::FakeUserMemory;
using k::mm::IoSegment;

namespace {

TEST(IoBuffer, CopiesIntoUserMemoryAndAdvances) {
  FakeUserMemory user{8};
  IoBuffer buffer = IoBuffer::user(user.base(), 8);
  EXPECT_EQ(*buffer.copy_in("abc", 3), 3u);
  EXPECT_EQ(*buffer.copy_in("defghijk", 8), 5u);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(*buffer.copy_in("x", 1), 0u);
  EXPECT_EQ(user.text(), "abcdefgh");
}

TEST(IoBuffer, AFaultIsAShortCountThenEfault) {
  FakeUserMemory user{"abcdef"};
  user.fault_at(4);
  IoBuffer buffer = IoBuffer::user(user.base(), 6);
  char out[6] = {};
  EXPECT_EQ(*buffer.copy_out(out, 6), 4u);
  EXPECT_EQ(std::string_view(out), "abcd");
  EXPECT_EQ(buffer.remaining(), 2u);
  EXPECT_EQ(buffer.copy_out(out, 2).error(), k::Errno::fault);
}

TEST(IoBuffer, WalksScatteredPiecesAndSkipsEmptyOnes) {
  FakeUserMemory user{"0123456789"};
  const std::uint64_t base = user.base().value;
  const std::array<IoSegment, 4> pieces{{{base + 6, 2}, {base, 0}, {base, 3}, {base + 9, 1}}};
  IoBuffer buffer = IoBuffer::scattered(pieces);
  EXPECT_EQ(buffer.remaining(), 6u);
  char out[7] = {};
  EXPECT_EQ(*buffer.copy_out(out, 1), 1u);
  buffer.advance(1);
  EXPECT_EQ(*buffer.copy_out(out + 1, 10), 4u);
  EXPECT_EQ(std::string_view(out), "60129");
}

TEST(IoBuffer, TruncateHidesTheRestUntilExtended) {
  std::array<std::byte, 6> memory{};
  IoBuffer buffer = IoBuffer::kernel(std::span<std::byte>{memory});
  const std::size_t hidden = buffer.truncate(2);
  EXPECT_EQ(*buffer.copy_in("abcdef", 6), 2u);
  buffer.extend(hidden);
  EXPECT_EQ(buffer.remaining(), 4u);
  EXPECT_EQ(*buffer.zero_in(9), 4u);
}

TEST(NoFault, ScopesNest) {
  EXPECT_FALSE(k::mm::NoFault::active());
  {
    const k::mm::NoFault outer;
    {
      const k::mm::NoFault inner;
    }
    EXPECT_TRUE(k::mm::NoFault::active());
  }
  EXPECT_FALSE(k::mm::NoFault::active());
}

}  // namespace
