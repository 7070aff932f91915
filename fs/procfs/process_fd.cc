// /proc/PID/fd: a link for each open descriptor; /proc/PID/fdinfo: a text about each.
#include "fs/procfs/process.h"
#include "kernel/task/task.h"

namespace k::fs::proc {
namespace {

Result<Ref<FdTable>> table_of(const Subject& subject) {
  TRY(subject.check_access());
  RefOrNull<FdTable> fds;
  TRY(subject.with_task([&](const Task& t) { fds = t.shared_fds(); }));
  if (!fds) return err(Errno::srch);
  return Ref<FdTable>::share(*fds);
}

std::int64_t next_fd(const Subject& subject, std::int64_t from) {
  const auto fds = table_of(subject);
  return fds ? (*fds)->next_open(static_cast<int>(from)) : -1;
}

Result<Ref<File>> file_of(const Subject& subject) {
  auto file = TRY(table_of(subject))->file_at(subject.detail());
  if (!file) return err(Errno::noent);
  return Ref<File>::share(*file);
}

Result<Subject> fd_subject(const Subject& parent, std::int64_t number) {
  if (number > INT32_MAX || !TRY(table_of(parent))->file_at(static_cast<int>(number))) return err(Errno::srch);
  return parent.with_detail(static_cast<int>(number));
}

Result<void> show_fd(const Subject& subject, TextBuffer& out) {
  struct Text {
    char bytes[4096];
  };
  const Box<Text> text = TRY(make<Text>());
  const std::size_t n = TRY(file_of(subject))->describe(text->bytes);
  out.put(std::string_view{text->bytes, n});
  return {};
}

Result<PathRef> jump_fd(const Subject& subject) {
  const auto file = TRY(file_of(subject));
  if (file->mount() == nullptr || file->dentry() == nullptr) return err(Errno::nxio);
  return PathRef::share(file->path());
}

void put_octal(TextBuffer& out, unsigned value) {
  if (value >= 8) put_octal(out, value / 8);
  out.put(static_cast<char>('0' + value % 8));
}

Result<void> show_fd_info(const Subject& subject, TextBuffer& out) {
  const auto fds = TRY(table_of(subject));
  const auto file = fds->file_at(subject.detail());
  if (!file) return err(Errno::noent);
  const auto flag = fds->flag(subject.detail());
  const bool cloexec = flag && *flag == FdFlag::cloexec;
  out.print("pos:\t{}\nflags:\t0", file->position());
  put_octal(out, file->flags().bits() | (cloexec ? O_CLOEXEC : 0));
  out.print("\nmnt_id:\t{}\nino:\t{}\n", file->mount() != nullptr ? file->mount()->id() : 0, file->inode().number());
  file->show_info(out);
  return {};
}

/// What the descriptor may be used for. Source: proc_pid_fd(5).
std::uint32_t mode_of_fd(const Subject& subject) {
  const auto file = file_of(subject);
  if (!file) return S_IFLNK;
  return S_IFLNK | ((*file)->readable() ? S_IRUSR | S_IXUSR : 0) | ((*file)->writable() ? S_IWUSR | S_IXUSR : 0);
}

constexpr Entry kFdEntry = [] {
  Entry entry = magic_link("", show_fd, jump_fd);
  entry.mode_of = mode_of_fd;
  return entry;
}();
constexpr NumberedEntries kFds{next_fd, fd_subject, &kFdEntry};

constexpr Entry kFdInfoEntry = file("", show_fd_info);
constexpr NumberedEntries kFdInfos{next_fd, fd_subject, &kFdInfoEntry};

}  // namespace

constexpr DirectoryTable kFdDirectory{{}, &kFds};
constexpr DirectoryTable kFdInfoDirectory{{}, &kFdInfos};

}  // namespace k::fs::proc
