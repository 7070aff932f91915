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

/// Bad argument arrays are reported before what is wrong with the file; a good file's are read by exec itself.
Result<Ref<fs::File>> open_program(const Task& self, fs::WalkBase base, std::string_view path, fs::WalkPolicy policy,
                                   const ExecStrings& from) {
  auto file = fs::open_program(fs::LookupContext{self.fs_context(), self.creds()}, base, path, policy);
  if (!file) [[unlikely]] {
    TRY(task::check_strings(self, from));
  }
  return file;
}

}  // namespace

Result<void> execve(Task& self, UserCStr path, UserAddr argv, UserAddr envp) {
  const UserPath name = TRY(UserPath::read(path));
  const ExecStrings from = strings(argv, envp);
  auto file = TRY(open_program(self, fs::WalkBase::cwd(), name.view(), fs::WalkPolicy{}, from));
  return task::exec(self, std::move(file), name.view(), from);
}

Result<void> execveat(Task& self, Fd directory, UserCStr path, UserAddr argv, UserAddr envp, Flags flags) {
  fs::WalkPolicy policy;
  if (flags.has(AT_SYMLINK_NOFOLLOW)) policy.last_symlink = fs::LastSymlink::keep;
  if (flags.has(AT_EMPTY_PATH)) policy.empty_path = fs::EmptyPath::base;
  const UserPath name = TRY(UserPath::read(path, policy.empty_path));
  const ExecStrings from = strings(argv, envp);
  const bool has_known_flags = flags.only(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
  if (!has_known_flags) [[unlikely]] {
    TRY(task::check_strings(self, from));
    return err(Errno::inval);
  }
  if (directory.number == AT_FDCWD || name.view().starts_with('/')) {
    auto file = TRY(open_program(self, fs::WalkBase::cwd(), name.view(), policy, from));
    return task::exec(self, std::move(file), name.view(), from);
  }
  auto file = TRY([&]() -> Result<Ref<fs::File>> {
    const auto base = self.fds().get_any(directory.number);
    if (!base) [[unlikely]] {
      TRY(task::check_strings(self, from));
      return err(base.error());
    }
    return open_program(self, fs::WalkBase{(*base)->path()}, name.view(), policy, from);
  }());
  struct Name {
    char text[UserPath::kPathMax + 32];
  };
  const Box<Name> shown = TRY(make<Name>());
  lib::TextBuffer out{shown->text};
  return task::exec(self, std::move(file), name_by_descriptor(out, directory, name.view()), from);
}

}  // namespace k::sys
