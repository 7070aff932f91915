/// execve(2) of interpreter scripts.
#include <sys/stat.h>

#include "support/check.h"
#include "support/elf.h"
#include "support/files.h"

using namespace systest;

namespace {

std::string shebang(const std::string& rest) { return "#!" + rest + "\n"; }
std::string own_args() { return std::string(own_path()) + " @args"; }

}  // namespace

TEST(Script, InterpreterGetsItsArgumentThenThePathThenTheArguments) {
  put("script", shebang(own_args()), 0755);
  EXPECT_EQ(output_of({"./script", "one", "two"}), "./script\none\ntwo\n");
}

TEST(Script, OptionalArgumentIsOneStringWithBlanksTrimmed) {
  put("script", shebang(" \t /bin/busybox   echo  "), 0755);
  EXPECT_EQ(output_of({"./script", "x"}), "./script x\n");
  put("two-words", shebang(own_args() + " more"), 0755);
  EXPECT_EQ(exec_of("./two-words"), ran(98)) << "'@args more' is one argument: no such helper";
}

TEST(Script, FirstArgumentIsReplaced) {
  put("script", shebang(own_args()), 0755);
  EXPECT_EQ(output_of({"./script"}), "./script\n");
}

TEST(Script, InterpreterMayBeAScript) {
  put("inner", shebang(own_args()), 0755);
  put("outer", shebang("./inner opt"), 0755);
  EXPECT_EQ(output_of({"./outer", "x"}), "./inner\nopt\n./outer\nx\n");
}

TEST(Script, EndlessNestingIsEloop) {
  put("self", shebang("./self"), 0755);
  EXPECT_EQ(exec_of("./self"), refused("ELOOP"));
}

TEST(Script, MissingInterpreterIsEnoent) {
  put("script", shebang("/no/such/interpreter"), 0755);
  EXPECT_EQ(exec_of("./script"), refused("ENOENT"));
}

TEST(Script, UnexecutableInterpreterIsEacces) {
  put("plain", "text", 0644);
  put("script", shebang("./plain"), 0755);
  EXPECT_EQ(exec_of("./script"), refused("EACCES"));
}

TEST(Script, EmptyInterpreterNameIsEnoexec) {
  put("script", shebang(""), 0755);
  EXPECT_EQ(exec_of("./script"), refused("ENOEXEC"));
  put("blanks", shebang("  \t "), 0755);
  EXPECT_EQ(exec_of("./blanks"), refused("ENOEXEC"));
}

TEST(Script, LineWithoutNewlineIsAccepted) {
  put("script", "#!/bin/busybox echo", 0755);
  EXPECT_EQ(output_of({"./script", "y"}), "./script y\n");
}

TEST(Script, InterpreterNameCutOffAt256BytesIsEnoexec) {
  put("script", "#!/" + std::string(300, 'a') + "\n", 0755);
  EXPECT_EQ(exec_of("./script"), refused("ENOEXEC"));
}

TEST(Script, LongArgumentIsCutOff) {
  put("script", "#!/bin/busybox echo" + std::string(300, ' ') + "\n", 0755);
  EXPECT_EQ(output_of({"./script", "z"}), "./script z\n");
}
