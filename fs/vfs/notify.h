/// The places where vfs tells watchers (inotify) what happens to a file.
///
/// Invariants  an event of a file reaches the watchers of the directory that its dentry is in, with the name, then its own. While
///             nobody watches anything, each of these is one test.
/// Lock order  Rank::inode_marks; any sleeping lock may be held.
/// Context     task context.
/// Source      inotify(7); the events' bits are <linux/inotify.h>'s.
#pragma once

#include <linux/inotify.h>

#include "fs/vfs/dentry.h"
#include "fs/vfs/inode_marks.h"

namespace k::fs {

namespace detail {
void tell_of_file(Dentry& dentry, std::uint32_t event);
void tell_of_entry(Inode& directory, std::string_view name, const Inode& of, std::uint32_t event, std::uint32_t cookie);
void tell_of_inode(Inode& inode, std::uint32_t event);
void tell_of_move(Inode& from, std::string_view old_name, Inode& to, std::string_view new_name, Inode& moved,
                  Inode* replaced);
void tell_of_end(Inode& inode);
}  // namespace detail

/// IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_OPEN, IN_CLOSE_*.
inline void notify_file(Dentry& dentry, std::uint32_t event) {
  if (anybody_watches()) [[unlikely]]
    detail::tell_of_file(dentry, event);
}
/// For a file that may have no place.
inline void notify_file(Dentry* dentry, std::uint32_t event) {
  if (anybody_watches() && dentry != nullptr) [[unlikely]]
    detail::tell_of_file(*dentry, event);
}
/// IN_CREATE, IN_DELETE: of an entry of `directory`.
inline void notify_entry(Inode& directory, std::string_view name, const Inode& of, std::uint32_t event) {
  if (anybody_watches()) [[unlikely]]
    detail::tell_of_entry(directory, name, of, event, 0);
}
/// To its own watchers only.
inline void notify_inode(Inode& inode, std::uint32_t event) {
  if (anybody_watches()) [[unlikely]]
    detail::tell_of_inode(inode, event);
}
/// IN_MOVED_FROM and IN_MOVED_TO under one cookie, IN_MOVE_SELF.
inline void notify_move(Inode& from, std::string_view old_name, Inode& to, std::string_view new_name, Inode& moved,
                        Inode* replaced) {
  if (anybody_watches()) [[unlikely]]
    detail::tell_of_move(from, old_name, to, new_name, moved, replaced);
}
/// The last name and the last open file are gone: IN_DELETE_SELF, and its watches end.
inline void notify_end(Inode& inode) {
  if (anybody_watches()) [[unlikely]]
    detail::tell_of_end(inode);
}

/// Tells of a removed entry when it goes out of scope, which is to be after the entry's last reference.
class RemovalNotice {
 public:
  explicit RemovalNotice(Inode& directory, std::string_view name) : directory_(directory), name_(name) {}
  ~RemovalNotice() {
    if (removed_) [[unlikely]]
      detail::tell_of_entry(directory_, name_, *removed_, IN_DELETE, 0);
  }
  RemovalNotice(const RemovalNotice&) = delete;
  RemovalNotice& operator=(const RemovalNotice&) = delete;
  void arm(Inode& removed) {
    if (anybody_watches()) [[unlikely]]
      removed_ = RefOrNull<Inode>::share(&removed);
  }

 private:
  Inode& directory_;
  std::string_view name_;
  RefOrNull<Inode> removed_;
};

}  // namespace k::fs
