/// Rights: the open files of one SCM_RIGHTS message.
///
/// Invariants  each entry is a reference. Dropping the last reference to a socket may drop what is queued there, and so on:
///             drop_rights() does that without recursion.
/// Context     task context, no spin lock held.
/// Errors      create: NOMEM.
/// Source      unix(7), cmsg(3).
#pragma once

#include <span>

#include "fs/vfs/file.h"
#include "kernel/lib/alloc.h"
#include "kernel/lib/queue.h"

namespace k::net {

class InFlightAccount;

class Rights {
 public:
  using Entry = RefOrNull<fs::File>;
  static constexpr std::size_t kMaxFiles = 253;  // SCM_MAX_FD

  /// Room for `count` files, all null.
  static Result<Box<Rights>> create(std::size_t count);
  explicit Rights(Box<Entry[]> files, std::size_t count);
  ~Rights();
  std::span<Entry> files() const { return {files_.get(), count_}; }
  std::size_t count() const { return count_; }

  RefOrNull<InFlightAccount> account;  // set while the message is on its way
  lib::QueueNode<Rights> node;         // when dropped while others are being dropped

 private:
  Box<Entry[]> files_;
  std::size_t count_;
};

/// Drops files that nobody will receive.
void drop_rights(Box<Rights> rights);

}  // namespace k::net
