#include <linux/fcntl.h>

#include "fs/vfs/open.h"
#include "kernel/lib/format.h"
#include "kernel/task/exec.h"
#include "syscalls/calls_process.h"
#include "syscalls/user_path.h"

namespace k::sys {
namespace {

using task::ExecStrings;

ExecStrings strings(UserAddr argv, UserAddr envp) {
  ExecStrings from;
  from.argv = argv;
  from.envp = envp;
  return from;
}

/// What AT_EXECFN and a script see of a program named by a descriptor. Source: execveat(2).
std::string_view name_by_descriptor(lib::TextBuffer& out, Fd directory, std::string_view path) {
  out.print("/dev/fd/{}", directory.number);
  if (!path.empty()) out.print("/{}", path);
  return out.view();
}

}  // namespace

Result<void> execve(Task& self, UserCStr path, UserAddr argv, UserAddr envp) {
  const UserPath name = TRY(UserPath::read(path));
  const fs::LookupContext context{self.fs_context(), self.creds()};
  auto file = TRY(fs::open_program(context, fs::WalkBase::cwd(), name.view(), fs::WalkPolicy{}));
  return task::exec(self, std::move(file), name.view(), strings(argv, envp));
}

Result<void> execveat(Task& self, Fd directory, UserCStr path, UserAddr argv, UserAddr envp, Flags flags) {
  if (!flags.only(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return err(Errno::inval);
  const UserPath name = TRY(UserPath::read(path));
  const fs::LookupContext context{self.fs_context(), self.creds()};
  fs::WalkPolicy policy;
  if (flags.has(AT_SYMLINK_NOFOLLOW)) policy.last_symlink = fs::LastSymlink::keep;
  if (flags.has(AT_EMPTY_PATH)) policy.empty_path = fs::EmptyPath::base;
  if (directory.number == AT_FDCWD || name.view().starts_with('/')) {
    auto file = TRY(fs::open_program(context, fs::WalkBase::cwd(), name.view(), policy));
    return task::exec(self, std::move(file), name.view(), strings(argv, envp));
  }
  auto file = TRY([&]() -> Result<Ref<fs::File>> {
    const fs::FileHandle base = TRY(self.fds().get_any(directory.number));
    return fs::open_program(context, fs::WalkBase{base->path()}, name.view(), policy);
  }());
  struct Name {
    char text[UserPath::kPathMax + 32];
  };
  const Box<Name> shown = TRY(make<Name>());
  lib::TextBuffer out{shown->text};
  return task::exec(self, std::move(file), name_by_descriptor(out, directory, name.view()), strings(argv, envp));
}

}  // namespace k::sys
