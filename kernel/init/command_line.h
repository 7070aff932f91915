/// The kernel command line, cut into what the kernel uses and what the first program gets.
///
/// Invariants  words are separated by blanks; double quotes keep blanks in a value. What the kernel does not know goes to the
///             first program: name=value into its environment unless the name has a dot, other words and everything after
///             "--" into its arguments.
/// Context     boot.
/// Errors      words beyond the capacity are dropped.
/// Source      bootparam(7).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace k::init {

class CommandLine {
 public:
  static constexpr std::size_t kBytes = 2048;
  static constexpr std::size_t kMaxArguments = 32, kMaxEnvironment = 32;

  explicit CommandLine(std::string_view text);
  CommandLine(const CommandLine&) = delete;

  /// Empty when not given.
  std::string_view init() const { return init_; }
  std::string_view trace() const { return trace_; }
  /// The self-test of a protection to run instead of the first program (arch/include/arch/selftest.h).
  std::string_view selftest() const { return selftest_; }
  int console_level() const { return console_level_; }
  unsigned max_cpus() const { return max_cpus_; }
  /// argv[1] on and the environment, each string NUL-terminated.
  std::span<const char* const> arguments() const { return {arguments_.data(), argument_count_}; }
  std::span<const char* const> environment() const { return {environment_.data(), environment_count_}; }

 private:
  char* next_word(char*& at);
  void take(char* word);
  bool take_own(std::string_view name, const char* value);
  void add_argument(const char* word);
  void add_environment(const char* word);

  std::array<char, kBytes> text_{};
  std::array<const char*, kMaxArguments> arguments_{};
  std::array<const char*, kMaxEnvironment> environment_{};
  std::size_t argument_count_ = 0, environment_count_ = 0;
  std::string_view init_, trace_, selftest_;
  int console_level_ = 7;
  unsigned max_cpus_ = 64;
  bool only_arguments_ = false;
};

}  // namespace k::init
