#include "kernel/lib/format.h"

#include <string>

namespace lib = k::lib;

namespace {

template <class... Args>
std::string text(lib::FormatString<Args...> format, const Args&... args) {
  char buffer[128];
  return {buffer, lib::format_to<Args...>(buffer, format, args...)};
}

TEST(Format, FieldsTakeTheArgumentsInOrder) {
  EXPECT_EQ(text("{} and {}", 1, "two"), "1 and two");
  EXPECT_EQ(text("plain"), "plain");
  EXPECT_EQ(text("{{{}}}", 3), "{3}");
}
TEST(Format, NumbersHaveSignBaseWidthAndPadding) {
  EXPECT_EQ(text("{}", -5), "-5");
  EXPECT_EQ(text("{}", std::int64_t{-9223372036854775807 - 1}), "-9223372036854775808");
  EXPECT_EQ(text("{:x}", 255u), "ff");
  EXPECT_EQ(text("{:#x}", 255u), "0xff");
  EXPECT_EQ(text("{:o}", 8u), "10");
  EXPECT_EQ(text("{:08x}", 0xbeefu), "0000beef");
  EXPECT_EQ(text("{:05}", -42), "-0042");
  EXPECT_EQ(text("{:5}|", 42), "   42|");
  EXPECT_EQ(text("{:<5}|", 42), "42   |");
  EXPECT_EQ(text("{:x}", -1), "ffffffffffffffff");
}
TEST(Format, TextPadsOnTheRightUnlessAskedOtherwise) {
  EXPECT_EQ(text("{:5}|", "ab"), "ab   |");
  EXPECT_EQ(text("{:>5}|", "ab"), "   ab|");
  EXPECT_EQ(text("{}", static_cast<const char*>(nullptr)), "(null)");
}
TEST(Format, CharactersBooleansPointersAndEnums) {
  enum class Colour : unsigned { red = 7 };
  EXPECT_EQ(text("{}{:c}", 'a', 98), "ab");
  EXPECT_EQ(text("{} {}", true, false), "true false");
  EXPECT_EQ(text("{}", k::UserAddr{0x1000}), "0x1000");
  EXPECT_EQ(text("{}", Colour::red), "7");
}
TEST(Format, OutputIsCutAtTheBufferAndSaysSo) {
  char small[4];
  lib::TextBuffer out{small};
  out.print("{}", 123456);
  EXPECT_EQ(out.view(), "1234");
  EXPECT_TRUE(out.overflowed());
}

}  // namespace
