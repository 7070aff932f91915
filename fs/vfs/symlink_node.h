/// SymlinkNode: what a symbolic link can do.
///
/// Invariants  a link with a resident target answers it without sleeping, valid for one RCU section or while the inode is
///             referenced. A magic link (/proc/PID/fd/N, exe, cwd, root) has no text to walk: it jumps.
/// Errors      INVAL, NOENT, ACCES; NOMEM when the text has to be read.
/// Source      symlink(7), path_resolution(7).
#pragma once

#include <span>
#include <string_view>

#include "fs/vfs/inode.h"

namespace k::fs {

class PathRef;
struct LookupContext;

class SymlinkNode {
 public:
  /// The target when it is in memory; empty when `read` (or `jump`) has to be asked.
  virtual std::string_view resident_target() const { return {}; }
  /// Copies the target text into `out` (what readlink(2) shows); returns its length, cut to out.size().
  virtual Result<std::size_t> read(std::span<char> out, const LookupContext& context);
  virtual bool is_magic() const { return false; }
  /// The object that a magic link stands for.
  virtual Result<PathRef> jump(const LookupContext& context);

 protected:
  ~SymlinkNode() = default;
};

}  // namespace k::fs
