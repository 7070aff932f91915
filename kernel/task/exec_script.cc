#include "kernel/task/exec_script.h"

namespace k::task {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view text_of(ProgramHead head) { return {reinterpret_cast<const char*>(head.data()), head.size()}; }

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  const std::size_t last = text.find_last_not_of(kBlank);
  return text.substr(first, last - first + 1);
}

}  // namespace

bool is_script(ProgramHead head) { return text_of(head).starts_with("#!"); }

Result<ScriptLine> parse_script(ProgramHead head) {
  std::string_view text = text_of(head).substr(2);
  const std::size_t line_end = text.find('\n');
  const bool complete = line_end != std::string_view::npos;
  std::string_view line = text.substr(0, complete ? line_end : text.size() - 1);
  if (!complete) {
    // A line cut by the buffer is accepted only if the interpreter's name is known to be whole: something follows it.
    const std::size_t start = line.find_first_not_of(kBlank);
    if (start == std::string_view::npos) return err(Errno::noexec);
    if (line.find_first_of(std::string_view{" \t\0", 3}, start) == std::string_view::npos) return err(Errno::noexec);
  }
  line = trim(line.substr(0, line.find('\0')));
  if (line.empty()) return err(Errno::noexec);
  const std::size_t name_end = line.find_first_of(kBlank);
  ScriptLine script{line.substr(0, name_end), std::nullopt};
  if (name_end != std::string_view::npos) {
    const std::string_view rest = trim(line.substr(name_end));
    if (!rest.empty()) script.argument = rest;
  }
  return script;
}

}  // namespace k::task
