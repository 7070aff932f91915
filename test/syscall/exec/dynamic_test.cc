/// PT_INTERP: programs of two C libraries with their own interpreters, and what is wrong with an interpreter.
#include <sys/wait.h>

#include "support/check.h"
#include "support/child.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

// Programs whose interpreter is named relative to the test's directory, and the libraries they want.
#define CARRY(name, file)                                                                                             \
  asm(".section .rodata\n"                                                                                            \
      ".global " #name "_begin, " #name "_end\n" #name "_begin:\n.incbin \"" file "\"\n" #name "_end:\n.previous\n"); \
  extern "C" const char name##_begin[], name##_end[]

CARRY(glibc_pie, "build/test/syscall/dynamic_glibc_pie");
CARRY(glibc_fixed, "build/test/syscall/dynamic_glibc_fixed");
CARRY(musl_pie, "build/test/syscall/dynamic_musl");
CARRY(glibc_loader, "build/test/syscall/ld-glibc.so");
CARRY(glibc_library, "build/test/syscall/libc.so.6");
CARRY(musl_loader, "build/test/syscall/ld-musl.so");

namespace {

#define CARRIED(name) \
  std::string_view { name##_begin, static_cast<std::size_t>(name##_end - name##_begin) }

void install_glibc() {
  put("ld-glibc.so", CARRIED(glibc_loader), 0755);
  put("libc.so.6", CARRIED(glibc_library), 0755);
}

/// A program that names `interpreter` as its own.
ElfImage interpreted(std::string_view interpreter) {
  auto image = program(code_exit(1));
  const std::string name = std::string{interpreter} + '\0';
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
  return image;
}

/// An interpreter of one writable segment: Linux before 6.6 clears the rest of its last page.
ElfImage loader(const std::string& code) {
  auto image = program(code, ET_DYN);
  image.segments[0].p_flags |= PF_W;
  return image;
}

Execed exec_interpreted() {
  install("program", interpreted("./interpreter"));
  return exec_of("./program");
}

Execed exec_with(std::string_view interpreter, mode_t mode = 0755) {
  put("interpreter", interpreter, mode);
  return exec_interpreted();
}

Execed exec_with(const ElfImage& interpreter) { return exec_with(interpreter.bytes()); }

}  // namespace

TEST(Dynamic, GlibcProgramFindsEverythingInItsAuxiliaryVector) {
  install_glibc();
  put("program", CARRIED(glibc_pie), 0755);
  EXPECT_EQ(output_of({"./program", "glibc"}), "loaded as glibc\n");
}

TEST(Dynamic, GlibcProgramAtAFixedAddressRuns) {
  install_glibc();
  put("program", CARRIED(glibc_fixed), 0755);
  EXPECT_EQ(output_of({"./program", "glibc"}), "loaded as glibc\n");
}

TEST(Dynamic, MuslProgramFindsEverythingInItsAuxiliaryVector) {
  put("ld-musl.so", CARRIED(musl_loader), 0755);
  put("program", CARRIED(musl_pie), 0755);
  EXPECT_EQ(output_of({"./program", "musl"}), "loaded as musl\n");
}

TEST(Dynamic, InterpreterRunAsAProgramLoadsItsArgument) {
  install_glibc();
  put("program", CARRIED(glibc_pie), 0644);
  const std::string listed = output_of({"./ld-glibc.so", "--list", "./program"});
  EXPECT_NE(listed.find("libc.so.6 => ./libc.so.6"), std::string::npos) << listed;
}

TEST(Dynamic, EachExecPlacesProgramAndInterpreterAnew) {
  install_glibc();
  put("program", CARRIED(glibc_pie), 0755);
  const auto base_of = [] {
    const std::string shown = output_of({"./program", "x"}, {"LD_SHOW_AUXV=1"});
    const auto at = shown.find("AT_BASE:");
    return shown.substr(at, shown.find('\n', at) - at);
  };
  const std::string first = base_of();
  bool moved = false;
  for (int i = 0; i < 4; i++) moved |= base_of() != first;
  EXPECT_TRUE(moved) << first;
}

TEST(Interpreter, ThatIsNotThereIsEnoent) { EXPECT_EQ(exec_interpreted(), refused("ENOENT")); }

TEST(Interpreter, ThatMayNotBeExecutedIsEacces) {
  EXPECT_EQ(exec_with(program(code_exit(1)).bytes(), 0644), refused("EACCES"));
  ASSERT_OK(unlink("interpreter"));
  ASSERT_OK(mkdir("interpreter", 0755));
  EXPECT_EQ(exec_interpreted(), refused("EACCES")) << "a folder";
}

TEST(Interpreter, ThatIsBeingWrittenIsEtxtbsy) {
  install("interpreter", program(code_exit(1)));
  const Fd writer{open("interpreter", O_WRONLY)};
  EXPECT_EQ(exec_interpreted(), refused("ETXTBSY"));
}

TEST(Interpreter, MayBeWrittenOnceTheProgramRuns) {
  install("program", interpreted("./interpreter"));
  // pause(): mov $34,%eax; syscall
  install("interpreter", loader(std::string("\xb8\x22\0\0\0\x0f\x05", 7)));
  const pid_t pid = spawn([] { execl("./program", "program", nullptr); });
  await_state(pid, 'S');
  EXPECT_ERRNO(ETXTBSY, open("program", O_WRONLY));
  const Fd writer{open("interpreter", O_WRONLY)};
  EXPECT_GE(writer, 0);
  ASSERT_OK(kill(pid, SIGKILL));
  EXPECT_EQ(reap(pid), 128 + SIGKILL);
}

TEST(Interpreter, ShorterThanAnElfHeaderIsEio) {
  EXPECT_EQ(exec_with(""), refused("EIO"));
  EXPECT_EQ(exec_with(program(code_exit(1)).bytes().substr(0, 63)), refused("EIO"));
}

TEST(Interpreter, ThatIsNoElfFileIsElibbad) {
  EXPECT_EQ(exec_with("#!/bin/sh\n" + std::string(100, '\n')), refused("ELIBBAD"));
}

TEST(Interpreter, OfAnotherMachineIsElibbad) {
  auto other = program(code_exit(1));
  other.header.e_machine = EM_AARCH64;
  EXPECT_EQ(exec_with(other), refused("ELIBBAD"));
}

TEST(Interpreter, WithBadProgramHeadersIsElibbad) {
  auto none = program(code_exit(1));
  none.header.e_phnum = 0;
  EXPECT_EQ(exec_with(none), refused("ELIBBAD"));
  auto size = program(code_exit(1));
  size.header.e_phentsize = 32;
  EXPECT_EQ(exec_with(size), refused("ELIBBAD"));
  auto outside = program(code_exit(1));
  outside.header.e_phoff = 1 << 20;
  EXPECT_EQ(exec_with(outside), refused("ELIBBAD"));
}

TEST(Interpreter, ThatIsNoProgramIsDeadly) { EXPECT_EQ(exec_with(program(code_exit(1), ET_REL)), ran(128 + SIGSEGV)); }

TEST(Interpreter, IsNotFollowedToAnInterpreterOfItsOwn) {
  install("interpreter", interpreted("./no-such-file"));
  install("program", interpreted("./interpreter"));
  const auto result = exec_of("./program");
  EXPECT_TRUE(result.error.empty()) << testing::PrintToString(result);
}

TEST(Interpreter, OnlyTheFirstOneNamedCounts) {
  auto image = interpreted("./interpreter");
  auto second = image.segments.back();
  second.p_offset = ElfImage::kBodyOffset;
  image.segments.push_back(second);
  image.header.e_phnum = 3;
  install("program", image);
  install("interpreter", loader(code_exit(56)));
  EXPECT_EQ(exec_of("./program"), ran(56));
}
