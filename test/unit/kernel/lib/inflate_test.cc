#include "kernel/lib/inflate.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace lib = k::lib;

namespace {

// printf 'hello hello hello hello\n' | gzip -n9
constexpr auto kHello = std::to_array<unsigned char>({0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                                      0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9,
                                                      0x00, 0x00, 0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00});
constexpr std::string_view kText = "hello hello hello hello\n";

std::vector<std::byte> bytes(auto const& data) {
  std::vector<std::byte> out;
  for (auto b : data) out.push_back(std::byte{static_cast<unsigned char>(b)});
  return out;
}

}  // namespace

TEST(Inflate, ReadsAWholeMember) {
  std::vector<std::byte> out(kText.size());
  const auto in = bytes(kHello);
  EXPECT_TRUE(lib::is_gzip(in));
  ASSERT_EQ(lib::gunzip(in, out), kText.size());
  EXPECT_EQ(out, bytes(kText));
}

TEST(Inflate, ReadsInPiecesAndTellsWhereTheMemberEnds) {
  auto in = bytes(kHello);
  in.resize(in.size() + 5);  // what follows the member is not its business
  auto member = lib::Gunzip::create(in);
  ASSERT_TRUE(member.has_value());

  std::vector<std::byte> all, piece(7);
  for (std::size_t got = piece.size(); got == piece.size();) {
    got = (*member)->read(piece).value();
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<long>(got));
  }
  EXPECT_EQ(all, bytes(kText));
  EXPECT_EQ((*member)->consumed(), kHello.size());
}

TEST(Inflate, RefusesEveryTruncation) {
  const auto in = bytes(kHello);
  for (std::size_t size = 0; size < in.size(); ++size) {
    std::vector<std::byte> out(kText.size());
    EXPECT_EQ(lib::gunzip(std::span{in}.first(size), out).error_or(lib::Errno{}), lib::Errno::io) << size;
  }
}

TEST(Inflate, RefusesDamageToDataAndTrailer) {
  for (std::size_t at = 10; at < kHello.size(); ++at) {
    auto in = bytes(kHello);
    in[at] ^= std::byte{0x10};
    std::vector<std::byte> out(kText.size());
    EXPECT_EQ(lib::gunzip(in, out).error_or(lib::Errno{}), lib::Errno::io) << at;
  }
}

TEST(Inflate, RefusesAnOutputThatIsTooSmall) {
  std::vector<std::byte> out(kText.size() - 1);
  EXPECT_EQ(lib::gunzip(bytes(kHello), out).error_or(lib::Errno{}), lib::Errno::io);
}
