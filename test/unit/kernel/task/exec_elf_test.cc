#include "kernel/task/exec_elf.h"

#include <cstring>

namespace task = k::task;

namespace {

struct Head {
  std::array<std::byte, task::kProgramHeadBytes> bytes{};
  uapi::Elf64_Ehdr header{};
  Head() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_phentsize = sizeof(uapi::Elf64_Phdr);
    header.e_phnum = 2;
    header.e_phoff = 64;
    header.e_entry = 0x401000;
  }
  auto parse(task::ElfRole role = task::ElfRole::program) {
    std::memcpy(bytes.data(), &header, sizeof header);
    return task::parse_elf_header(task::ProgramHead(bytes), role);
  }
};

uapi::Elf64_Phdr load(std::uint64_t offset, std::uint64_t address, std::uint64_t in_file, std::uint64_t in_memory,
                      unsigned flags = PF_R | PF_W) {
  return {.p_type = PT_LOAD,
          .p_flags = flags,
          .p_offset = offset,
          .p_vaddr = address,
          .p_filesz = in_file,
          .p_memsz = in_memory,
          .p_align = 4096};
}

}  // namespace

TEST(ElfHeader, AcceptsAFixedProgram) {
  const auto parsed = Head{}.parse();
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, task::ElfKind::fixed);
  EXPECT_EQ(parsed->entry, 0x401000u);
}

TEST(ElfHeader, TakesAnInterpreterOfAnyTypeForLaterRefusal) {
  Head h;
  h.header.e_type = ET_REL;
  const auto parsed = h.parse(task::ElfRole::interpreter);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, task::ElfKind::unloadable);
}

TEST(ElfHeader, RefusesWhatIsNoProgramForThisMachine) {
  const auto refuses = [](auto change) {
    Head h;
    change(h.header);
    const auto parsed = h.parse();
    return !parsed && parsed.error() == k::Errno::noexec;
  };
  EXPECT_TRUE(refuses([](auto& e) { e.e_ident[0] = 'X'; }));
  EXPECT_TRUE(refuses([](auto& e) { e.e_machine = EM_AARCH64; }));
  EXPECT_TRUE(refuses([](auto& e) { e.e_type = ET_REL; }));
  EXPECT_TRUE(refuses([](auto& e) { e.e_phentsize = 32; }));
  EXPECT_TRUE(refuses([](auto& e) { e.e_phnum = 0; }));
  EXPECT_TRUE(refuses([](auto& e) { e.e_phnum = 74; }));
}

TEST(ElfSurvey, FindsExtentInterpreterAndStackFlags) {
  const task::ElfHeader header{task::ElfKind::position_independent, 0x1000, 64, 4};
  uapi::Elf64_Phdr headers[4] = {load(0, 0, 0x800, 0x800), load(0x1000, 0x2345, 0x100, 0x3000), {}, {}};
  headers[1].p_align = 0x10000;
  headers[2].p_type = PT_INTERP;
  headers[3] = {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};
  const auto program = task::survey(header, headers);
  EXPECT_EQ(program.start, 0u);
  EXPECT_EQ(program.end, 0x6000u);
  EXPECT_EQ(program.alignment, 0x10000u);
  EXPECT_EQ(program.table_address, 64u);
  EXPECT_TRUE(program.interpreter.has_value());
  EXPECT_FALSE(program.executable_stack);
}

TEST(ElfSegment, SplitsFileContentAndZeroes) {
  const auto segment = task::plan_segment(load(0x6f50, 0x407f50, 0x1c8, 0x8a0));
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->address, 0x407000u);
  EXPECT_EQ(segment->file_offset, 0x6000u);
  EXPECT_EQ(segment->file_bytes, 0x2000u);
  EXPECT_EQ(segment->zero_start, 0x408118u);
  EXPECT_EQ(segment->zero_end, 0x409000u);
  EXPECT_EQ(segment->extra_bytes, 0u);
}

TEST(ElfSegment, MapsPureZeroesWithoutTheFile) {
  const auto segment = task::plan_segment(load(0x123, 0x500000, 0, 0x2001));
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->file_bytes, 0u);
  EXPECT_EQ(segment->extra_start, 0x500000u);
  EXPECT_EQ(segment->extra_bytes, 0x3000u);
}

TEST(ElfSegment, RefusesSegmentsThatNoAddressSpaceHolds) {
  EXPECT_FALSE(task::plan_segment(load(0, 0x400000, 0x2000, 0x1000)));           // more in the file than in memory
  EXPECT_FALSE(task::plan_segment(load(0, 0xffff'8000'0000'0000, 0x10, 0x10)));  // the kernel's half
  EXPECT_FALSE(task::plan_segment(load(0, 0x7fff'ffff'e000, 0x10, 0xffff'ffff'ffff)));  // wraps
  EXPECT_FALSE(task::plan_segment(load(0x10, 0x400000, 0x100, 0x100)));                 // offset and address disagree
}
