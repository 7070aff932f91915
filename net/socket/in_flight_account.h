/// InFlightAccount: how many files a user has on their way in messages, against RLIMIT_NOFILE.
///
/// Invariants  one account per user ID that has any; it goes with its last message.
/// Lock order  Rank::socket_names for the table; the count is atomic.
/// Context     task context.
/// Errors      find_or_create: NOMEM.
/// Source      unix(7), ETOOMANYREFS.
#pragma once

#include <atomic>

#include "fs/vfs/credentials.h"
#include "kernel/lib/queue.h"
#include "kernel/lib/ref.h"

namespace k::net {

class InFlightAccount : public lib::RefCounted {
 public:
  static Result<Ref<InFlightAccount>> find_or_create(fs::Uid uid);
  explicit InFlightAccount(fs::Uid uid) : uid_(uid) {}
  void on_last_ref();

  std::atomic<std::uint64_t> files{0};
  lib::QueueNode<InFlightAccount> node;

 private:
  const fs::Uid uid_;
  bool listed_ = false;
};

}  // namespace k::net
