/// Making entries: the part that open(O_CREAT), mkdir, mknod, symlink and link share.
/// Errors      open(2), mkdir(2), mknod(2): EXIST, NOENT, ACCES, ROFS, NOSPC ... For fs/vfs, and for file systems with calls of
///             their own to make files (ipc/mqueue).
#pragma once

#include "fs/vfs/directory_node.h"
#include "fs/vfs/open.h"

namespace k::fs {

struct OpenTarget {
  PathRef path;
  bool created;
};

/// For open(O_CREAT): the file, made when it is missing, also behind a dangling symbolic link.
Result<OpenTarget> find_or_create(const LookupContext& context, WalkBase base, std::string_view path,
                                  const OpenHow& how, WalkPolicy policy);
/// O_TMPFILE: a file in `directory`'s file system without a name.
Result<PathRef> create_unnamed(const LookupContext& context, const PathRef& directory, const OpenHow& how);

/// Makes the entry `parent.last`, which must not exist; parent's directory is locked inside.
Result<Ref<Dentry>> create_entry(const LookupContext& context, const ParentPath& parent, NewNode node);

/// What a file of `type` that is made in `directory` gets: umask applied, owner as the directory says.
NewNode node_for(const LookupContext& context, const Inode& directory, std::uint32_t type, std::uint32_t mode);
/// With the entries lock held: a negative entry for `name` of `directory`, cached or new.
Result<Ref<Dentry>> negative_entry(Dentry& directory, const Name& name);
/// The entry's inode is there: the entry becomes visible.
void publish_entry(Dentry& entry, Ref<Inode> inode);

}  // namespace k::fs
