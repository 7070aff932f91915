/// Who makes the present call: what a socket tells its peer of the process behind it.
///
/// Invariants  the source is set once at boot by the layer that knows processes; before, and in kernel threads, it is process 0.
/// Context     task context.
/// Source      unix(7) (SO_PEERCRED, SCM_CREDENTIALS).
#pragma once

#include <cstdint>

#include "fs/vfs/credentials.h"

namespace k::net {

/// As struct ucred.
struct Identity {
  std::int32_t pid = 0;
  fs::Uid uid = fs::kNoId;
  fs::Gid gid = fs::kNoId;
  bool operator==(const Identity&) const = default;
};

struct Caller {
  Identity real, effective;
  std::uint64_t open_files_limit = 0;
  bool exceeds_limits = false;   // CAP_SYS_RESOURCE or CAP_SYS_ADMIN
  bool manages_network = false;  // CAP_NET_ADMIN
};
using CallerSource = Caller (*)();

void set_caller_source(CallerSource source);
Caller current_caller();

}  // namespace k::net
