/// The first line of a script: `#! interpreter [argument]`. Pure.
/// Errors      NOEXEC: no interpreter named, or its name does not fit into what exec reads of the file.
/// Source      execve(2), "Interpreter scripts".
#pragma once

#include <optional>
#include <string_view>

#include "kernel/task/exec_elf.h"

namespace k::task {

struct ScriptLine {
  std::string_view interpreter;
  std::optional<std::string_view> argument;  // the rest of the line, as one
};

inline constexpr unsigned kMaxScriptDepth = 5;  // scripts whose interpreter is a script again: ELOOP beyond

bool is_script(ProgramHead head);
/// Points into `head`.
Result<ScriptLine> parse_script(ProgramHead head);

}  // namespace k::task
