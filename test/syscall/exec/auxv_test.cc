/// The auxiliary vector and the initial stack, getauxval(3).
#include <elf.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "support/check.h"
#include "support/child.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

namespace {

std::map<unsigned long, unsigned long> own_auxv() {
  const std::string bytes = slurp("/proc/self/auxv");
  std::map<unsigned long, unsigned long> entries;
  for (std::size_t i = 0; i + 16 <= bytes.size(); i += 16) {
    unsigned long pair[2];
    memcpy(pair, bytes.data() + i, sizeof pair);
    entries[pair[0]] = pair[1];
  }
  return entries;
}

}  // namespace

TEST(Auxv, DescribesTheMachine) {
  EXPECT_EQ(getauxval(AT_PAGESZ), 4096u);
  EXPECT_EQ(getauxval(AT_CLKTCK), 100u);
  EXPECT_EQ(getauxval(AT_FLAGS), 0u);
  EXPECT_EQ(getauxval(AT_BASE), 0u);
  EXPECT_NE(getauxval(AT_HWCAP), 0u);
  EXPECT_STREQ(reinterpret_cast<const char*>(getauxval(AT_PLATFORM)), "x86_64");
}

TEST(Auxv, DescribesTheProgramHeaders) {
  EXPECT_EQ(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
  const auto* phdr = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
  ASSERT_NE(phdr, nullptr);
  int loads = 0;
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) loads += phdr[i].p_type == PT_LOAD;
  EXPECT_GE(loads, 2);
  EXPECT_NE(getauxval(AT_ENTRY), 0u);
}

TEST(Auxv, TellsTheIds) {
  EXPECT_EQ(getauxval(AT_UID), 0u);
  EXPECT_EQ(getauxval(AT_EUID), 0u);
  EXPECT_EQ(getauxval(AT_GID), 0u);
  EXPECT_EQ(getauxval(AT_EGID), 0u);
  EXPECT_EQ(getauxval(AT_SECURE), 0u);
}

TEST(Auxv, ExecutableNameIsThePathGivenToExec) {
  ASSERT_OK(symlink(own_path(), "a-name"));
  EXPECT_EQ(output_of({"./a-name", "@execfn"}), "./a-name\n");
}

TEST(Auxv, RandomBytesDifferBetweenExecs) {
  const std::string first = output_of({own_path(), "@random"});
  EXPECT_EQ(first.size(), 33u);
  EXPECT_NE(first, output_of({own_path(), "@random"}));
}

TEST(Auxv, VdsoIsAnElfImageInMemory) {
  const auto* image = reinterpret_cast<const char*>(getauxval(AT_SYSINFO_EHDR));
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(memcmp(image, ELFMAG, SELFMAG), 0);
}

TEST(Auxv, ProcFileHoldsTheSameEntries) {
  const auto entries = own_auxv();
  EXPECT_TRUE(entries.contains(AT_HWCAP)) << "whose value glibc replaces";
  for (unsigned long type :
       {AT_PHDR, AT_PHENT, AT_PHNUM, AT_PAGESZ, AT_BASE, AT_FLAGS, AT_ENTRY, AT_UID, AT_EUID, AT_GID, AT_EGID,
        AT_SECURE, AT_RANDOM, AT_CLKTCK, AT_PLATFORM, AT_EXECFN, AT_SYSINFO_EHDR, AT_HWCAP2}) {
    ASSERT_TRUE(entries.contains(type)) << "type " << type;
    EXPECT_EQ(entries.at(type), getauxval(type)) << "type " << type;
  }
}

TEST(Auxv, StackPointerIsSixteenByteAlignedAtEntry) {
  std::string code = "\x89\xe7\x83\xe7\x0f";  // mov %esp,%edi; and $15,%edi
  code.append("\xb8\xe7\x00\x00\x00\x0f\x05", 7);
  install("aligned", program(code));
  for (int i = 0; i < 8; i++) EXPECT_EQ(exec_of("./aligned"), ran(0));
}

TEST(Aslr, StackAndHeapMoveBetweenExecs) {
  const std::string first = output_of({own_path(), "@addresses"});
  bool moved = false;
  for (int i = 0; i < 4; i++) moved |= output_of({own_path(), "@addresses"}) != first;
  EXPECT_TRUE(moved) << first;
}
