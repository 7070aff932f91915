/// The test program's own main: every test in a process, session and directory of its own, so that a
/// crash or a hang costs one test. Results are TAP lines on standard output:
///   1..N / ok K - Suite.Name / not ok K - Suite.Name # reason / ok K - Suite.Name # SKIP reason
/// Arguments  --gtest_filter and --gtest_list_tests as gtest has them; --after=Suite.Name starts with
///            the test behind that one, to go on after a kernel that died in it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "helpers.h"
#include "run_one.h"
#include "select_tests.h"

namespace {

const char* option(int argc, char** argv, const char* name) {
  const std::size_t length = strlen(name);
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], name, length) == 0) return argv[i] + length;
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1][0] == '@') return systest::run_helper(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();

  const char* after = option(argc, argv, "--after=");
  const auto names = systest::select_tests(testing::GTEST_FLAG(filter), after ? after : "");
  setvbuf(stdout, nullptr, _IONBF, 0);
  printf("1..%zu\n", names.size());
  int failed = 0;
  for (std::size_t i = 0; i < names.size(); i++) failed += !systest::run_one(i + 1, names[i]);
  printf("# %zu passed, %d failed\n", names.size() - failed, failed);
  return failed == 0 ? 0 : 1;
}
