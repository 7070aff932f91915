/// execve(2) of well-formed, truncated and hostile ELF files. The errnos are Linux's: what is wrong in the
/// headers is refused with ENOEXEC; what shows only while mapping kills the caller with SIGSEGV.
#include <signal.h>

#include "support/check.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

namespace {

constexpr int kSegv = 128 + SIGSEGV;
constexpr int kBus = 128 + SIGBUS;

Execed exec_image(const ElfImage& image) {
  install("image", image);
  return exec_of("./image");
}

Execed exec_bytes(std::string_view bytes) {
  put("bytes", bytes, 0755);
  return exec_of("./bytes");
}

}  // namespace

TEST(Elf, SmallestStaticProgramRuns) { EXPECT_EQ(exec_image(program(code_exit(42))), ran(42)); }

TEST(Elf, PositionIndependentProgramWithoutInterpreterRuns) {
  EXPECT_EQ(exec_image(program(code_exit(43), ET_DYN)), ran(43));
}

TEST(Elf, BytesBehindTheFilePartAreZero) {
  auto image = program("");
  const auto data = ElfImage::kBase + 0x2000;
  image.header.e_phnum = 2;
  auto writable = image.segments[0];
  writable.p_flags = PF_R | PF_W;
  writable.p_vaddr = data;
  writable.p_offset = ElfImage::kBodyOffset + 4096;
  writable.p_filesz = 16;
  writable.p_memsz = 3 * 4096;
  for (const auto [offset, expected] : {std::pair{15, 'A'}, {16, '\0'}, {4095, '\0'}, {8192, '\0'}}) {
    image.body = code_exit_byte_at(data + offset);
    image.segments[0].p_filesz = image.segments[0].p_memsz = image.body.size();
    image.segments.resize(1);
    image.segments.push_back(writable);
    image.body.resize(4096);
    image.body += std::string(4096, 'A');
    EXPECT_EQ(exec_image(image), ran(expected)) << "offset " << offset;
  }
}

TEST(Elf, EmptyFileIsRefused) { EXPECT_EQ(exec_bytes(""), refused("ENOEXEC")); }

TEST(Elf, TextWithoutShebangIsRefused) { EXPECT_EQ(exec_bytes("echo hi\n"), refused("ENOEXEC")); }

TEST(Elf, TruncatedHeadersAreRefused) {
  const auto whole = program(code_exit(1)).bytes();
  for (std::size_t length : {1, 3, 4, 16, 52, 63, 64, 80, 119})
    EXPECT_EQ(exec_bytes(whole.substr(0, length)), refused("ENOEXEC")) << length << " bytes";
}

TEST(Elf, WrongMagicIsRefused) {
  auto image = program(code_exit(1));
  image.header.e_ident[1] = 'e';
  EXPECT_EQ(exec_image(image), refused("ENOEXEC"));
}

TEST(Elf, OtherMachineIsRefused) {
  for (Elf64_Half machine : {EM_AARCH64, EM_RISCV, EM_S390, EM_NONE, 0xffff}) {
    auto image = program(code_exit(1));
    image.header.e_machine = machine;
    EXPECT_EQ(exec_image(image), refused("ENOEXEC")) << "machine " << machine;
  }
}

TEST(Elf, ObjectsAndCoreFilesAreRefused) {
  for (Elf64_Half type : {ET_NONE, ET_REL, ET_CORE}) {
    auto image = program(code_exit(1));
    image.header.e_type = type;
    EXPECT_EQ(exec_image(image), refused("ENOEXEC")) << "type " << type;
  }
}

TEST(Elf, NoProgramHeadersIsRefused) {
  auto image = program(code_exit(1));
  image.header.e_phnum = 0;
  EXPECT_EQ(exec_image(image), refused("ENOEXEC"));
}

TEST(Elf, WrongProgramHeaderSizeIsRefused) {
  auto image = program(code_exit(1));
  image.header.e_phentsize = 32;
  EXPECT_EQ(exec_image(image), refused("ENOEXEC"));
}

TEST(Elf, TooManyProgramHeadersAreRefused) {
  auto image = program(code_exit(1));
  image.header.e_phnum = 0xfffe;
  EXPECT_EQ(exec_image(image), refused("ENOEXEC"));
}

TEST(Elf, ProgramHeadersOutsideTheFileAreRefused) {
  for (Elf64_Off offset : {Elf64_Off{1} << 20, ~Elf64_Off{0}, Elf64_Off{1} << 63, ~Elf64_Off{0} - 56}) {
    auto image = program(code_exit(1));
    image.header.e_phoff = offset;
    const auto result = exec_image(image);
    EXPECT_TRUE(result == refused("ENOEXEC")) << "offset " << offset << testing::PrintToString(result);
  }
}

TEST(Elf, FilePartLargerThanMemoryPartIsDeadly) {
  auto image = program(code_exit(1));
  image.segments[0].p_memsz = 1;
  EXPECT_EQ(exec_image(image), ran(kSegv));
}

TEST(Elf, SegmentInTheKernelHalfIsDeadly) {
  for (const Elf64_Addr address : {0xffffffff80000000ul, 0xffff800000000000ul, 0x100000000000000ul}) {
    auto image = program(code_exit(1));
    image.segments[0].p_vaddr = address;
    image.header.e_entry = address;
    EXPECT_EQ(exec_image(image), ran(kSegv)) << std::hex << address;
  }
}

TEST(Elf, SegmentThatWrapsAroundIsDeadly) {
  auto image = program(code_exit(1));
  image.segments[0].p_memsz = ~Elf64_Xword{0} - 4095;
  EXPECT_EQ(exec_image(image), ran(kSegv));
}

TEST(Elf, SegmentOffsetNotCongruentToItsAddressIsDeadly) {
  auto image = program(code_exit(1));
  image.segments[0].p_offset += 16;
  EXPECT_EQ(exec_image(image), ran(kSegv));
}

TEST(Elf, EntryPointOutsideEverySegmentFaults) {
  for (Elf64_Addr entry : {Elf64_Addr{0}, Elf64_Addr{0x666000}, Elf64_Addr{0xffffffff81000000}}) {
    auto image = program(code_exit(1));
    image.header.e_entry = entry;
    EXPECT_EQ(exec_image(image), ran(kSegv)) << std::hex << entry;
  }
}

TEST(Elf, EntryPointInUnexecutableMemoryFaults) {
  auto image = program(code_exit(1));
  image.segments[0].p_flags = PF_R;
  EXPECT_EQ(exec_image(image), ran(kSegv));
}

TEST(Elf, CodeBehindTheEndOfTheFileIsABusError) {
  auto image = program(code_exit(1));
  image.segments[0].p_filesz = image.segments[0].p_memsz = 3 * 4096;
  image.header.e_entry += 2 * 4096;
  EXPECT_EQ(exec_image(image), ran(kBus));
}

TEST(Elf, MissingInterpreterIsEnoent) {
  auto image = program(code_exit(1));
  const std::string name("/no/such/ld.so", 15);
  image.header.e_phnum = 2;
  image.segments.push_back({.p_type = PT_INTERP,
                            .p_flags = PF_R,
                            .p_offset = ElfImage::kBodyOffset + image.body.size(),
                            .p_vaddr = 0,
                            .p_paddr = 0,
                            .p_filesz = name.size(),
                            .p_memsz = name.size(),
                            .p_align = 1});
  image.body += name;
  EXPECT_EQ(exec_image(image), refused("ENOENT"));
  image.segments[1].p_filesz -= 1;
  EXPECT_EQ(exec_image(image), refused("ENOEXEC")) << "name without its terminating NUL";
  image.segments[1].p_filesz = 5000;
  EXPECT_EQ(exec_image(image), refused("ENOEXEC")) << "name longer than PATH_MAX";
}

TEST(Elf, InterpreterIsEnteredFirst) {
  auto interpreter = program(code_exit(55), ET_DYN);
  interpreter.segments[0].p_flags |= PF_W;  // Linux before 6.6 clears the rest of its last page
  install("interpreter", interpreter);
  auto image = program(code_exit(1));
  const std::string name = std::string("./interpreter") + '\0';
  image.header.e_phnum = 2;
  image.segments.push_back(image.segments[0]);
  image.segments[1].p_type = PT_INTERP;
  image.segments[1].p_offset += image.body.size();
  image.segments[1].p_filesz = name.size();
  image.body += name;
  EXPECT_EQ(exec_image(image), ran(55));
}

TEST(Elf, EmptyArgumentListBecomesOneEmptyString) {
  install("argc", program(code_exit_argc()));
  EXPECT_EQ(exec_of("./argc"), ran(1));
}
