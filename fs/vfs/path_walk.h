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

enum class LastSymlink : std::uint8_t { follow, keep };
enum class EmptyPath : std::uint8_t { refuse, base };  // AT_EMPTY_PATH

struct WalkPolicy {
  LastSymlink last_symlink = LastSymlink::follow;
  EmptyPath empty_path = EmptyPath::refuse;
  unsigned resolve = 0;         // RESOLVE_* of openat2(2)
  unsigned links_followed = 0;  // by the walk that this one continues
};

/// Where a relative path starts: the working directory, or a place that the caller holds during the walk (the *at calls).
class WalkBase {
 public:
  static constexpr WalkBase cwd() { return WalkBase{}; }
  /// An open file without a place (epoll) is no directory.
  explicit constexpr WalkBase(PathView place) : is_cwd_(false), place_(place) {}
  constexpr bool is_cwd() const { return is_cwd_; }
  constexpr PathView place() const { return place_; }

 private:
  constexpr WalkBase() = default;
  bool is_cwd_ = true;
  PathView place_;
};

/// The existing file that `path` names.
Result<PathRef> lookup(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy = {});

/// The attributes of the file that `path` names; no reference is taken when the cache knows it all.
Result<void> lookup_attributes(const LookupContext& context, WalkBase base, std::string_view path, WalkPolicy policy,
                               Attributes& out);

/// What the last component is, for calls that make, remove or rename an entry.
enum class LastKind : std::uint8_t { normal, dot, dot_dot, root };

struct ParentPath {
  PathRef directory;
  Name last;  // points into the caller's path
  LastKind kind;
  bool wants_directory;  // slashes follow
  unsigned links_followed;
};

/// The directory of the last component, which may exist or not and is not followed.
Result<ParentPath> lookup_parent(const LookupContext& context, WalkBase base, std::string_view path,
                                 WalkPolicy policy = {});

/// One entry of a directory, whose entries_lock() the caller holds: from the cache or from the file system. May be negative,
/// and null where the file system keeps no negative entries.
Result<RefOrNull<Dentry>> find_entry(Dentry& directory, const Name& name);

/// `path` itself, or the root of what is mounted there.
PathRef cross_mounts(PathRef path);

}  // namespace k::fs
