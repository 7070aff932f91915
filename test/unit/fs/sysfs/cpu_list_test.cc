#include "fs/sysfs/cpu_list.h"

namespace sysfs = k::fs::sysfs;

namespace {

template <class Put>
std::string text_of(Put put) {
  char bytes[256];
  k::lib::TextBuffer out{bytes};
  put(out);
  return {bytes, out.size()};
}

std::string list(unsigned first, unsigned end) {
  return text_of([&](auto& out) { sysfs::put_list(out, first, end); });
}
std::string mask(unsigned first, unsigned end, unsigned all) {
  return text_of([&](auto& out) { sysfs::put_mask(out, first, end, all); });
}

}  // namespace

TEST(CpuList, NamesOneOrARangeOrNone) {
  EXPECT_EQ(list(0, 1), "0\n");
  EXPECT_EQ(list(0, 4), "0-3\n");
  EXPECT_EQ(list(2, 3), "2\n");
  EXPECT_EQ(list(0, 0), "\n");
}

TEST(CpuMask, HasAsManyDigitsAsThereAreCpusFor) {
  EXPECT_EQ(mask(0, 2, 2), "3\n");
  EXPECT_EQ(mask(4, 5, 5), "10\n");
  EXPECT_EQ(mask(0, 32, 32), "ffffffff\n");
}

TEST(CpuMask, SeparatesWordsOf32Cpus) {
  EXPECT_EQ(mask(0, 40, 40), "ff,ffffffff\n");
  EXPECT_EQ(mask(33, 34, 64), "00000002,00000000\n");
}
