#include "fs/vfs/notify.h"

namespace k::fs::detail {
namespace {

constinit std::atomic<std::uint32_t> next_cookie{1};

std::uint32_t kind_bit(const Inode& inode) { return inode.is(FileType::directory) ? IN_ISDIR : 0; }

void tell(Inode& inode, const FileEvent& event) {
  if (InodeMarks* const marks = inode.marks_if_any()) marks->tell(event);
}

}  // namespace

/// The parent and its inode are held by the dentry; a rename may swap them, so they are looked at under RCU.
void tell_of_file(Dentry& dentry, std::uint32_t event) {
  Inode& inode = *dentry.inode();
  FileEvent told{.what = event | kind_bit(inode)};
  {
    const sync::rcu::ReadGuard guard;
    const Dentry* const parent = dentry.parent();
    if (parent != &dentry && parent->inode()->marks_if_any() != nullptr) {
      told.name = dentry.name();
      told.of_removed_entry = !dentry.is_hashed();
      tell(*parent->inode(), told);
    }
  }
  told.name = {};
  tell(inode, told);
}

void tell_of_entry(Inode& directory, std::string_view name, const Inode& of, std::uint32_t event,
                   std::uint32_t cookie) {
  tell(directory, {.what = event | kind_bit(of), .cookie = cookie, .name = name});
}

void tell_of_inode(Inode& inode, std::uint32_t event) { tell(inode, {.what = event | kind_bit(inode)}); }

void tell_of_move(Inode& from, std::string_view old_name, Inode& to, std::string_view new_name, Inode& moved,
                  Inode* replaced) {
  const std::uint32_t cookie = next_cookie.fetch_add(1, std::memory_order_relaxed);
  if (&from == &to) tell_of_entry(from, old_name, moved, kRenamedWithin, cookie);
  tell_of_entry(from, old_name, moved, IN_MOVED_FROM, cookie);
  tell_of_entry(to, new_name, moved, IN_MOVED_TO, cookie);
  if (replaced != nullptr) tell_of_inode(*replaced, IN_ATTRIB);
  tell(moved, {.what = IN_MOVE_SELF});
}

void tell_of_end(Inode& inode) {
  if (InodeMarks* const marks = inode.marks_if_any()) marks->release_all(IN_DELETE_SELF);
}

}  // namespace k::fs::detail
