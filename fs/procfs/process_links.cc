// The links of /proc/PID: exe, cwd, root, and the descriptors in fd.
#include <array>

#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

constexpr std::size_t kPathMax = 4096;

/// A path as the caller's root shows it.
Result<void> put_path(TextBuffer& out, PathView path) {
  struct Text {
    char bytes[kPathMax];
  };
  const Box<Text> text = TRY(make<Text>());
  const PathRef root = task::current().fs_context().root_ref();
  out.put(TRY(print_path(path, root.view(), text->bytes)));
  return {};
}

Result<Ref<task::Executable>> executable_of(const Subject& subject) {
  TRY(subject.check_access());
  const auto executable = TRY(subject.process())->executable();
  if (!executable) return err(Errno::noent);
  return Ref<task::Executable>::share(*executable);
}

Result<Ref<FsContext>> context_of(const Subject& subject) {
  TRY(subject.check_access());
  RefOrNull<FsContext> context;
  TRY(subject.with_task([&](const Task& t) { context = t.shared_fs_context(); }));
  if (!context) return err(Errno::noent);
  return Ref<FsContext>::share(*context);
}

}  // namespace

Result<void> show_exe(const Subject& subject, TextBuffer& out) {
  return put_path(out, TRY(executable_of(subject))->file().path());
}
Result<PathRef> jump_exe(const Subject& subject) { return PathRef::share(TRY(executable_of(subject))->file().path()); }

Result<void> show_cwd(const Subject& subject, TextBuffer& out) {
  return put_path(out, TRY(context_of(subject))->cwd_ref().view());
}
Result<PathRef> jump_cwd(const Subject& subject) { return TRY(context_of(subject))->cwd_ref(); }
Result<void> show_root(const Subject& subject, TextBuffer& out) {
  return put_path(out, TRY(context_of(subject))->root_ref().view());
}
Result<PathRef> jump_root(const Subject& subject) { return TRY(context_of(subject))->root_ref(); }

}  // namespace k::fs::proc
