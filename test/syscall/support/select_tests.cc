#include "select_tests.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <sstream>

namespace systest {

static bool matches_any(const std::string& patterns, const std::string& name) {
  std::istringstream stream{patterns};
  for (std::string pattern; std::getline(stream, pattern, ':');)
    if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0) return true;
  return false;
}

static std::vector<std::string> all_tests() {
  std::vector<std::string> names;
  const auto& unit = *testing::UnitTest::GetInstance();
  for (int i = 0; i < unit.total_test_suite_count(); i++) {
    const auto& suite = *unit.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); j++)
      names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
  }
  return names;
}

std::vector<std::string> select_tests(const std::string& filter, const std::string& after) {
  const auto dash = filter.find('-');
  std::string wanted = filter.substr(0, dash);
  if (wanted.empty()) wanted = "*";
  const std::string unwanted = dash == std::string::npos ? "" : filter.substr(dash + 1);

  std::vector<std::string> chosen;
  bool started = after.empty();
  for (const auto& name : all_tests()) {
    if (started && matches_any(wanted, name) && !matches_any(unwanted, name)) chosen.push_back(name);
    started = started || name == after;
  }
  return chosen;
}

}  // namespace systest
