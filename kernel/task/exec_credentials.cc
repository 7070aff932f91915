#include "kernel/task/exec_credentials.h"

#include <linux/securebits.h>
#include "kernel/abi/stat.h"

namespace k::task {
namespace {

bool raises_uid(const fs::Credentials&, const ProgramOwner& p) { return p.may_raise && (p.mode & S_ISUID) != 0; }
/// Without group execution the bit marks mandatory locking, not set-group-ID.
bool raises_gid(const ProgramOwner& p) { return p.may_raise && (p.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP); }

void transform_capabilities(fs::Credentials& c, bool changed_identity) {
  if (changed_identity) c.ambient = {};
  const bool root_is_special = (c.securebits & issecure_mask(SECURE_NOROOT)) == 0;
  if (root_is_special && (c.euid == fs::kRootUid || c.uid == fs::kRootUid)) {
    c.permitted = c.inheritable | c.bounding;
    c.effective = c.euid == fs::kRootUid ? c.permitted : c.ambient;
  } else {
    c.permitted = c.ambient;
    c.effective = c.ambient;
  }
}

}  // namespace

bool apply_program(fs::Credentials& c, const ProgramOwner& program) {
  const fs::CapabilitySet before = c.permitted;
  const fs::Uid old_euid = c.euid;
  const fs::Gid old_egid = c.egid;
  if (raises_uid(c, program)) c.euid = program.uid;
  if (raises_gid(program)) c.egid = program.gid;
  const bool changed = c.euid != old_euid || c.egid != old_egid;
  c.suid = c.fsuid = c.euid;
  c.sgid = c.fsgid = c.egid;
  transform_capabilities(c, changed);
  c.securebits &= ~issecure_mask(SECURE_KEEP_CAPS);
  const bool gained = c.uid != fs::kRootUid && !c.permitted.minus(c.ambient).empty() && !c.permitted.subset_of(before);
  return c.uid != c.euid || c.gid != c.egid || gained;
}

bool keeps_credentials(const fs::Credentials& now, const ProgramOwner& program) {
  if (raises_uid(now, program) || raises_gid(program)) return false;
  if (now.uid != now.euid || now.euid != now.suid || now.gid != now.egid || now.egid != now.sgid) return false;
  if (now.fsuid != now.euid || now.fsgid != now.egid) return false;
  if ((now.securebits & issecure_mask(SECURE_KEEP_CAPS)) != 0) return false;
  const bool root = now.uid == fs::kRootUid && (now.securebits & issecure_mask(SECURE_NOROOT)) == 0;
  const fs::CapabilitySet permitted = root ? now.inheritable | now.bounding : now.ambient;
  return now.permitted == permitted && now.effective == permitted;
}

}  // namespace k::task
