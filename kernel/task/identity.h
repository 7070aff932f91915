/// Changing user and group IDs and capabilities. The rules are pure: they change a copy that the caller publishes.
///
/// Errors      PERM: the caller may not. INVAL: -1 where an ID is wanted.
/// Source      credentials(7), setuid(2), setreuid(2), setresuid(2), setfsuid(2); capabilities(7), "Effect of user ID changes".
#pragma once

#include "fs/vfs/credentials.h"
#include "kernel/task/task.h"

namespace k::task {

struct IdTriple {
  std::uint32_t real = fs::kNoId, effective = fs::kNoId, saved = fs::kNoId;  // kNoId: leave as it is
};

// Each checks against the credentials as they are in `c` and changes them.
Result<void> change_uid(fs::Credentials& c, fs::Uid uid);
Result<void> change_gid(fs::Credentials& c, fs::Gid gid);
Result<void> change_real_and_effective_uid(fs::Credentials& c, fs::Uid real, fs::Uid effective);
Result<void> change_real_and_effective_gid(fs::Credentials& c, fs::Gid real, fs::Gid effective);
Result<void> change_all_uids(fs::Credentials& c, const IdTriple& ids);
Result<void> change_all_gids(fs::Credentials& c, const IdTriple& ids);
/// False when nothing may change: setfsuid(2) reports no error.
bool change_fs_uid(fs::Credentials& c, fs::Uid uid);
bool change_fs_gid(fs::Credentials& c, fs::Gid gid);

struct CapabilityChange {
  fs::CapabilitySet effective, permitted, inheritable;
};
Result<void> change_capabilities(fs::Credentials& c, const CapabilityChange& change);

/// Makes `next` the running thread's: account, dumpable and parent-death signal follow the new identity.
Result<void> publish_identity(Task& self, Ref<fs::Credentials> next);

}  // namespace k::task
