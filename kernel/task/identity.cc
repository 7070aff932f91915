#include "kernel/task/identity.h"

#include <linux/securebits.h>

namespace k::task {
namespace {

using fs::CapabilitySet;
using fs::kNoId;
using fs::kRootUid;

/// Capabilities that go with the file-system user ID. Source: capabilities(7).
constexpr CapabilitySet kFileCapabilities = CapabilitySet{}
                                                .with(CAP_CHOWN)
                                                .with(CAP_DAC_OVERRIDE)
                                                .with(CAP_DAC_READ_SEARCH)
                                                .with(CAP_FOWNER)
                                                .with(CAP_FSETID)
                                                .with(CAP_LINUX_IMMUTABLE)
                                                .with(CAP_MAC_OVERRIDE)
                                                .with(CAP_MKNOD);

bool has_root(fs::Uid a, fs::Uid b, fs::Uid c) { return a == kRootUid || b == kRootUid || c == kRootUid; }

/// What the real, effective and saved IDs were before a change.
struct Before {
  fs::Uid uid, euid, suid;
  explicit Before(const fs::Credentials& c) : uid(c.uid), euid(c.euid), suid(c.suid) {}
};

void adjust_capabilities(fs::Credentials& c, const Before& before) {
  if ((c.securebits & issecure_mask(SECURE_NO_SETUID_FIXUP)) != 0) return;
  if (has_root(before.uid, before.euid, before.suid) && !has_root(c.uid, c.euid, c.suid)) {
    if ((c.securebits & issecure_mask(SECURE_KEEP_CAPS)) == 0) c.permitted = c.effective = {};
    c.ambient = {};
  }
  if (before.euid == kRootUid && c.euid != kRootUid) c.effective = {};
  if (before.euid != kRootUid && c.euid == kRootUid) c.effective = c.permitted;
}

bool is_one_of(std::uint32_t id, std::uint32_t a, std::uint32_t b) { return id == a || id == b; }
bool is_one_of(std::uint32_t id, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return id == a || id == b || id == c;
}

void set(std::uint32_t& id, std::uint32_t wanted) {
  if (wanted != kNoId) id = wanted;
}

}  // namespace

Result<void> change_uid(fs::Credentials& c, fs::Uid uid) {
  if (uid == kNoId) return err(Errno::inval);
  const Before before{c};
  if (c.has(CAP_SETUID)) {
    c.uid = c.suid = uid;
  } else if (!is_one_of(uid, c.uid, c.suid)) {
    return err(Errno::perm);
  }
  c.euid = c.fsuid = uid;
  adjust_capabilities(c, before);
  return {};
}

Result<void> change_gid(fs::Credentials& c, fs::Gid gid) {
  if (gid == kNoId) return err(Errno::inval);
  if (c.has(CAP_SETGID)) {
    c.gid = c.sgid = gid;
  } else if (!is_one_of(gid, c.gid, c.sgid)) {
    return err(Errno::perm);
  }
  c.egid = c.fsgid = gid;
  return {};
}

Result<void> change_real_and_effective_uid(fs::Credentials& c, fs::Uid real, fs::Uid effective) {
  const Before before{c};
  const bool privileged = c.has(CAP_SETUID);
  if (real != kNoId && !privileged && !is_one_of(real, before.uid, before.euid)) return err(Errno::perm);
  if (effective != kNoId && !privileged && !is_one_of(effective, before.uid, before.euid, before.suid))
    return err(Errno::perm);
  set(c.uid, real);
  set(c.euid, effective);
  if (real != kNoId || (effective != kNoId && effective != before.uid)) c.suid = c.euid;
  c.fsuid = c.euid;
  adjust_capabilities(c, before);
  return {};
}

Result<void> change_real_and_effective_gid(fs::Credentials& c, fs::Gid real, fs::Gid effective) {
  const fs::Gid gid = c.gid, egid = c.egid, sgid = c.sgid;
  const bool privileged = c.has(CAP_SETGID);
  if (real != kNoId && !privileged && !is_one_of(real, gid, egid)) return err(Errno::perm);
  if (effective != kNoId && !privileged && !is_one_of(effective, gid, egid, sgid)) return err(Errno::perm);
  set(c.gid, real);
  set(c.egid, effective);
  if (real != kNoId || (effective != kNoId && effective != gid)) c.sgid = c.egid;
  c.fsgid = c.egid;
  return {};
}

Result<void> change_all_uids(fs::Credentials& c, const IdTriple& ids) {
  const Before before{c};
  if (!c.has(CAP_SETUID)) {
    for (const fs::Uid id : {ids.real, ids.effective, ids.saved}) {
      if (id != kNoId && !is_one_of(id, before.uid, before.euid, before.suid)) return err(Errno::perm);
    }
  }
  set(c.uid, ids.real);
  set(c.euid, ids.effective);
  set(c.suid, ids.saved);
  c.fsuid = c.euid;
  adjust_capabilities(c, before);
  return {};
}

Result<void> change_all_gids(fs::Credentials& c, const IdTriple& ids) {
  if (!c.has(CAP_SETGID)) {
    for (const fs::Gid id : {ids.real, ids.effective, ids.saved}) {
      if (id != kNoId && !is_one_of(id, c.gid, c.egid, c.sgid)) return err(Errno::perm);
    }
  }
  set(c.gid, ids.real);
  set(c.egid, ids.effective);
  set(c.sgid, ids.saved);
  c.fsgid = c.egid;
  return {};
}

bool change_fs_uid(fs::Credentials& c, fs::Uid uid) {
  if (uid == c.fsuid || uid == kNoId) return false;
  if (!c.has(CAP_SETUID) && !is_one_of(uid, c.uid, c.euid, c.suid)) return false;
  if ((c.securebits & issecure_mask(SECURE_NO_SETUID_FIXUP)) == 0) {
    if (c.fsuid == kRootUid) c.effective = c.effective.minus(kFileCapabilities);
    if (uid == kRootUid) c.effective = c.effective | (kFileCapabilities & c.permitted);
  }
  c.fsuid = uid;
  return true;
}

bool change_fs_gid(fs::Credentials& c, fs::Gid gid) {
  if (gid == c.fsgid || gid == kNoId) return false;
  if (!c.has(CAP_SETGID) && !is_one_of(gid, c.gid, c.egid, c.sgid)) return false;
  c.fsgid = gid;
  return true;
}

Result<void> change_capabilities(fs::Credentials& c, const CapabilityChange& change) {
  const bool privileged = c.has(CAP_SETPCAP);
  if (!privileged && !change.inheritable.subset_of(c.inheritable | c.permitted)) return err(Errno::perm);
  if (!change.inheritable.subset_of(c.inheritable | c.bounding)) return err(Errno::perm);
  if (!change.permitted.subset_of(c.permitted)) return err(Errno::perm);
  if (!change.effective.subset_of(change.permitted)) return err(Errno::perm);
  c.effective = change.effective;
  c.permitted = change.permitted;
  c.inheritable = change.inheritable;
  c.ambient = c.ambient & c.permitted & c.inheritable;
  return {};
}

}  // namespace k::task
