/// Names of the registered tests that a gtest filter selects, in order.
#pragma once

#include <string>
#include <vector>

namespace systest {

/// `filter` is gtest's syntax (A.*:B.*-C.*); with `after`, only tests behind that one.
std::vector<std::string> select_tests(const std::string& filter, const std::string& after);

}  // namespace systest
