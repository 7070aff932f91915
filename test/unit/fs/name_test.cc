#include "fs/vfs/name.h"

#include <random>
#include <string>
#include <vector>

using k::fs::Name;
using k::fs::PathCursor;

namespace {

std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> found;
  PathCursor cursor{path};
  while (!cursor.at_end()) found.emplace_back(cursor.next().text);
  return found;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> found;
  std::string part;
  for (const char c : std::string{path} + "/") {
    if (c != '/') {
      part += c;
    } else if (!part.empty()) {
      found.push_back(std::exchange(part, {}));
    }
  }
  return found;
}

TEST(Name, APathComesApartAtItsSlashes) {
  std::mt19937 random{1};
  for (int i = 0; i < 20'000; ++i) {
    std::string path(random() % 40, 'x');
    for (char& c : path) c = random() % 4 == 0 ? '/' : static_cast<char>('a' + random() % 20);
    ASSERT_EQ(components(path), split(path)) << path;
  }
}

TEST(Name, HashDependsOnTheNameAloneNotOnWhereItStands) {
  std::mt19937 random{2};
  for (int i = 0; i < 20'000; ++i) {
    std::string name(1 + random() % 30, 'x');
    for (char& c : name) c = static_cast<char>(1 + random() % 255);
    std::erase(name, '/');
    if (name.empty()) continue;
    const std::string path = "/ab/" + name + "/rest";
    PathCursor cursor{path};
    ASSERT_FALSE(cursor.at_end());
    (void)cursor.next();
    ASSERT_FALSE(cursor.at_end());
    EXPECT_EQ(cursor.next().hash, Name::of(name).hash);
  }
}

TEST(Name, ALengthenedNameHashesDifferently) {
  EXPECT_NE(Name::of("abcdefgh").hash, Name::of(std::string_view{"abcdefgh\0", 9}).hash);
  EXPECT_NE(Name::of("a").hash, Name::of("b").hash);
}

}  // namespace
