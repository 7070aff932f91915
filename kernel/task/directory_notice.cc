#include "kernel/task/directory_notice.h"

#include <asm/siginfo.h>
#include <linux/inotify.h>

#include "fs/vfs/file_lock.h"
#include "kernel/task/task.h"

namespace k::task {
namespace {

/// DN_* as inotify's events.
std::uint32_t events_of(std::uint32_t what) {
  std::uint32_t events = 0;
  if ((what & DN_ACCESS) != 0) events |= IN_ACCESS;
  if ((what & DN_MODIFY) != 0) events |= IN_MODIFY;
  if ((what & DN_CREATE) != 0) events |= IN_CREATE | IN_MOVED_TO;
  if ((what & DN_DELETE) != 0) events |= IN_DELETE | IN_MOVED_FROM;
  if ((what & DN_RENAME) != 0) events |= fs::kRenamedWithin;
  if ((what & DN_ATTRIB) != 0) events |= IN_ATTRIB;
  return events;
}

}  // namespace

DirectoryNotice::DirectoryNotice(const fs::FdTable& table, const fs::File& file, FileOwner& owner, int fd,
                                 std::uint32_t what)
    : table_(table),
      file_(file),
      owner_(owner),
      fd_(fd),
      events_(events_of(what)),
      stays_((what & DN_MULTISHOT) != 0) {}

void DirectoryNotice::include(int fd, std::uint32_t what) {
  fd_ = fd;
  events_ |= events_of(what);
  stays_ = stays_ || (what & DN_MULTISHOT) != 0;
}

fs::Keep DirectoryNotice::handle(const fs::FileEvent& event) {
  if ((event.what & events_) == 0) return fs::Keep::yes;
  owner_.tell(fd_, POLL_MSG);
  return stays_ ? fs::Keep::yes : fs::Keep::no;
}

/// Another thread may close `fd` meanwhile: either it finds the mark, or its descriptor is seen to be gone here.
Result<void> DirectoryNotice::set(const Task& self, int fd, fs::File& file, std::uint32_t what) {
  fs::Inode& inode = file.inode();
  const fs::FdTable& table = self.fds();
  if ((what & ~static_cast<std::uint32_t>(DN_MULTISHOT)) == 0) {
    if (auto* const marks = inode.marks_if_any()) marks->remove_those_of(table, file);
    return {};
  }
  if (!inode.is(fs::FileType::directory)) return err(Errno::notdir);
  fs::InodeMarks* const marks = TRY(inode.marks());
  TRY(inode.file_locks());  // what FdTable looks at when it closes
  FileOwner* const owner = TRY(FileOwner::of(file));
  const auto fresh = TRY(make_ref<DirectoryNotice>(table, file, *owner, fd, what));
  owner->set_default(self);
  const auto is_same = [&](const fs::InodeMark& mark) { return mark.ends_with(table, file); };
  marks->add(is_same, [&](fs::InodeMark* there) -> fs::InodeMark* {
    if (there == nullptr) return fresh.get();
    static_cast<DirectoryNotice&>(*there).include(fd, what);
    return nullptr;
  });
  if (table.file_at(fd).get() != &file) marks->remove_those_of(table, file);
  return {};
}

}  // namespace k::task
