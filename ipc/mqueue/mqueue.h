/// The mqueue file system: one directory in which every queue is a file; what mq_open(2) and mq_unlink(2) do in it.
///
/// Invariants  there is one instance, which every mount shows, and a mount of it for the calls themselves, which nobody sees.
///             Nothing is made unless the whole call succeeds.
/// Lock order  the directory's entries_lock().
/// Context     task context.
/// Errors      open: NOENT, EXIST, ACCES (permission; a slash in the name), NAMETOOLONG, INVAL (capacity, access mode), NOSPC,
///             MFILE, NOMEM. unlink: NOENT, ACCES, PERM. mount: INVAL (any option).
/// Source      mq_open(3), mq_unlink(3), mq_overview(7).
#pragma once

#include "ipc/mqueue/queue_file.h"

namespace k::ipc::mqueue {

/// Registers "mqueue". Boot, once.
Result<void> init();

struct OpenHow {
  lib::Flags flags;        // O_*
  std::uint32_t mode = 0;  // before the umask
  std::optional<Capacity> capacity;
};
/// `name` has no slash: the C library takes it off.
Result<Ref<fs::File>> open(const fs::LookupContext& context, std::string_view name, const OpenHow& how);
Result<void> unlink(const fs::LookupContext& context, std::string_view name);

}  // namespace k::ipc::mqueue
