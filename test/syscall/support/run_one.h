/// One test in a process of its own.
#pragma once

#include <cstddef>
#include <string>

namespace systest {

/// Runs the test, prints its TAP line, and answers whether it passed or was skipped.
bool run_one(std::size_t number, const std::string& name);

}  // namespace systest
