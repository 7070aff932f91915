/// Path walk: from a path string to a place in the tree.
///
/// Invariants  at most 40 symbolic links, on an explicit stack; never recursion. The first try runs under RCU without writing to
///             shared memory; what it cannot decide (an uncached name, a magic link, a race) is walked again with references
///             and locks. Each directory passed is checked for search permission; nothing climbs above the root.
/// Lock order  takes a directory's entries_lock() for a look-up that the cache cannot answer, one at a time.
/// Context     task context, may sleep.
/// Errors      NOENT, NOTDIR, ACCES, LOOP, NAMETOOLONG, XDEV (RESOLVE_NO_XDEV), NOMEM, and what the file system says.
/// Source      path_resolution(7), symlink(7), openat2(2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fs/vfs/fs_context.h"

namespace k::fs {

class File;

enum class LastSymlink : std::uint8_t { follow, keep };
enum class EmptyPath : std::uint8_t { refuse, base };  // AT_EMPTY_PATH

struct WalkPolicy {
  LastSymlink last_symlink = LastSymlink::follow;
  EmptyPath empty_path = EmptyPath::refuse;
  unsigned resolve = 0;  // RESOLVE_* of openat2(2)
};

/// Where a relative path starts: the working directory, or an open directory (the *at calls).
class WalkBase {
 public:
  static constexpr WalkBase cwd() { return WalkBase{}; }
  /// `file` stays borrowed by the caller during the walk.
  explicit WalkBase(const File& file) : file_(&file) {}
  const File* file() const { return file_; }

 private:
  constexpr WalkBase() = default;
  const File* file_ = nullptr;
};

/// The existing file that `path` names.
Result<PathRef> lookup(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy = {});

/// The attributes of the file that `path` names; without a reference when the cache knows it all.
Result<Attributes> lookup_attributes(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy);

/// What the last component is, for calls that make, remove or rename an entry.
enum class LastKind : std::uint8_t { normal, dot, dot_dot, root };

struct ParentPath {
  PathRef directory;
  Name last;  // points into the caller's path or into `link_text`
  LastKind kind;
  bool wants_directory;  // slashes follow
};

/// The directory of the last component, which may exist or not and is not followed.
Result<ParentPath> lookup_parent(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy = {});

/// One entry of a directory, with its entries_lock() held by the caller: from the cache or from the file system; may be negative.
Result<Ref<Dentry>> lookup_entry(const PathRef& directory, const Name& name);

/// `path` itself, or the root of what is mounted there.
PathRef cross_mounts(PathRef path);

}  // namespace k::fs
