/// A static-PIE program of the C library's making: loaded anywhere, relocates itself.
#include <sys/stat.h>

#include <sstream>

#include "support/check.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

asm(R"(
  .section .rodata
  .global pie_image_begin, pie_image_end
pie_image_begin:
  .incbin "build/test/syscall/pie_helper"
pie_image_end:
  .previous
)");
extern "C" const char pie_image_begin[], pie_image_end[];

namespace {

struct Output {
  int number = 0;
  std::string argument, address;
};

Output run_pie() {
  std::istringstream text{output_of({"./pie", "word"})};
  Output output;
  text >> output.number >> output.argument >> output.address;
  return output;
}

}  // namespace

TEST(StaticPie, RunsAndMoves) {
  put("pie", {pie_image_begin, static_cast<std::size_t>(pie_image_end - pie_image_begin)}, 0755);
  const Output first = run_pie();
  EXPECT_EQ(first.number, 42);
  EXPECT_EQ(first.argument, "word");
  EXPECT_TRUE(first.address.starts_with("0x7"))
      << first.address << ": where mmap puts things, as no loader is to follow";
  bool moved = false;
  for (int i = 0; i < 4; i++) moved |= run_pie().address != first.address;
  EXPECT_TRUE(moved) << "address space randomisation places it anew";
}
