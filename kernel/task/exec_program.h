/// The file that exec runs, once scripts have been followed to their interpreter.
///
/// Invariants  writers are kept out (ETXTBSY) while a Program or an Executable holds the file.
/// Errors      execve(2): ACCES, NOEXEC, LOOP, TXTBSY, and what opening the interpreter says.
#pragma once

#include "fs/vfs/open.h"
#include "kernel/task/exec_arguments.h"
#include "kernel/task/exec_elf.h"

namespace k::task {

/// The program file of a process, shared by its forks: /proc/PID/exe.
class Executable : public lib::RefCounted {
 public:
  static Result<Ref<Executable>> create(Ref<fs::File> file);
  ~Executable() { file_->inode().allow_writing(); }
  fs::File& file() const { return *file_; }

 private:
  friend Result<Ref<Executable>> lib::make_ref<Executable>(Ref<fs::File>&&);
  explicit Executable(Ref<fs::File> file) : file_(std::move(file)) {}
  Ref<fs::File> file_;
};

struct Program {
  Ref<Executable> executable;
  std::array<std::byte, kProgramHeadBytes> head;  // zero-padded
  std::size_t head_bytes = 0;                     // of which the file has these

  static Result<Program> open(Ref<fs::File> file);
};

/// Follows `#!` lines from `program` to a file that is none. `prefix` receives the interpreter's name, its argument and the
/// script's path, to stand before what follows argv[0].
Result<void> follow_scripts(const fs::LookupContext& context, Program& program, std::string_view path,
                            ArgumentStrings& prefix);

/// Reads exactly out.size() bytes at `offset`; IO when the file ends before.
Result<void> read_exactly(fs::File& file, std::uint64_t offset, std::span<std::byte> out);

}  // namespace k::task
