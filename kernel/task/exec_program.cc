#include "kernel/task/exec_program.h"

#include <array>

#include "kernel/task/exec_script.h"

namespace k::task {
namespace {

Result<std::size_t> read_some(fs::File& file, std::uint64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    IoBuffer buffer = IoBuffer::kernel(out.subspan(done));
    fs::IoAt at{.offset = offset + done};
    const std::size_t n = TRY(file.read(buffer, at));
    if (n == 0) break;
    done += n;
  }
  return done;
}

/// What a script adds in front, innermost script first: each interpreter replaces argv[0] of the level before.
struct ScriptStep {
  std::array<char, kProgramHeadBytes> text;
  std::size_t interpreter_length = 0, argument_length = 0;
  bool has_argument = false;

  std::string_view interpreter() const { return {text.data(), interpreter_length}; }
  std::string_view argument() const { return {text.data() + interpreter_length, argument_length}; }
};

using ScriptSteps = std::array<ScriptStep, kMaxScriptDepth>;

ScriptStep keep(const ScriptLine& line) {
  ScriptStep step;
  step.interpreter_length = line.interpreter.copy(step.text.data(), line.interpreter.size());
  step.has_argument = line.argument.has_value();
  if (line.argument)
    step.argument_length = line.argument->copy(step.text.data() + step.interpreter_length, line.argument->size());
  return step;
}

/// argv in front of the original's tail: interpreter, argument, then what the outer level calls its script.
Result<void> add_prefix(std::span<const ScriptStep> steps, std::string_view path, ArgumentStrings& prefix) {
  for (std::size_t i = steps.size(); i > 0; --i) {
    const ScriptStep& step = steps[i - 1];
    TRY(prefix.add(step.interpreter()));
    if (step.has_argument) TRY(prefix.add(step.argument()));
  }
  return prefix.add(path);
}

}  // namespace

Result<Ref<Executable>> Executable::create(Ref<fs::File> file) {
  TRY(file->inode().deny_writing());
  fs::Inode& inode = file->inode();
  auto executable = make_ref<Executable>(std::move(file));
  if (!executable) inode.allow_writing();
  return executable;
}

Result<Program> Program::open(Ref<fs::File> file) {
  auto executable = TRY(Executable::create(std::move(file)));
  Program program{std::move(executable), {}};
  program.head_bytes = TRY(read_some(program.executable->file(), 0, program.head));
  return program;
}

Result<void> read_exactly(fs::File& file, std::uint64_t offset, std::span<std::byte> out) {
  if (TRY(read_some(file, offset, out)) != out.size()) return err(Errno::io);
  return {};
}

Result<void> follow_scripts(const fs::LookupContext& context, Program& program, std::string_view path,
                            ArgumentStrings& prefix) {
  if (!is_script(ProgramHead{program.head})) return {};
  auto steps = TRY(make<ScriptSteps>());
  std::size_t depth = 0;
  while (is_script(ProgramHead{program.head})) {
    if (depth == kMaxScriptDepth) return err(Errno::loop);
    (*steps)[depth] = keep(TRY(parse_script(ProgramHead(program.head))));
    const std::string_view interpreter = (*steps)[depth].interpreter();
    auto file = TRY(fs::open_program(context, fs::WalkBase::cwd(), interpreter, fs::WalkPolicy{}));
    program = TRY(Program::open(std::move(file)));
    ++depth;
  }
  return add_prefix(std::span{*steps}.first(depth), path, prefix);
}

}  // namespace k::task
