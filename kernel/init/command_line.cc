#include "kernel/init/command_line.h"

#include <charconv>

namespace k::init {
namespace {

constexpr int kQuietLevel = 4;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

template <class T>
void read_number(std::string_view text, T& out) {
  T value{};
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{}) out = value;
}

std::string_view name_of(std::string_view word) { return word.substr(0, word.find('=')); }

}  // namespace

CommandLine::CommandLine(std::string_view text) {
  text.copy(text_.data(), kBytes - 1);
  // What Linux gives its first program.
  add_environment("HOME=/");
  add_environment("TERM=linux");
  char* at = text_.data();
  while (char* word = next_word(at)) take(word);
}

/// The next word, terminated in place and without its quotes; null at the end.
char* CommandLine::next_word(char*& at) {
  while (is_blank(*at)) ++at;
  if (*at == '\0') return nullptr;
  char* const start = at;
  char* to = at;
  bool quoted = false;
  for (; *at != '\0' && (quoted || !is_blank(*at)); ++at) {
    if (*at == '"') {
      quoted = !quoted;
    } else {
      *to++ = *at;
    }
  }
  if (*at != '\0') ++at;
  *to = '\0';
  return start;
}

void CommandLine::take(char* word) {
  const std::string_view text{word};
  if (only_arguments_) return add_argument(word);
  if (text == "--") {
    only_arguments_ = true;
    return;
  }
  const std::string_view name = name_of(text);
  const bool has_value = name.size() < text.size();
  if (take_own(name, has_value ? word + name.size() + 1 : "")) return;
  if (name.contains('.')) return;  // an option of a module that does not exist
  if (has_value) {
    add_environment(word);
  } else {
    add_argument(word);
  }
}

bool CommandLine::take_own(std::string_view name, const char* value) {
  if (name == "init" || name == "rdinit") {
    init_ = value;
  } else if (name == "trace") {
    trace_ = value;
  } else if (name == "selftest") {
    selftest_ = value;
  } else if (name == "quiet") {
    console_level_ = kQuietLevel;
  } else if (name == "debug") {
    console_level_ = 8;
  } else if (name == "loglevel") {
    read_number(value, console_level_);
  } else if (name == "maxcpus") {
    read_number(value, max_cpus_);
  } else {
    // Known to Linux and without meaning here: not for the first program.
    return name == "console" || name == "root" || name == "ro" || name == "rw" || name == "panic" ||
           name == "nokaslr" || name == "BOOT_IMAGE" || name == "initrd";
  }
  return true;
}

void CommandLine::add_argument(const char* word) {
  if (argument_count_ < arguments_.size()) arguments_[argument_count_++] = word;
}

/// A later value replaces an earlier one of the same name.
void CommandLine::add_environment(const char* word) {
  const std::string_view name = name_of(word);
  for (std::size_t i = 0; i < environment_count_; ++i) {
    if (name_of(environment_[i]) == name) {
      environment_[i] = word;
      return;
    }
  }
  if (environment_count_ < environment_.size()) environment_[environment_count_++] = word;
}

}  // namespace k::init
