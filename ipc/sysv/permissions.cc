#include "ipc/sysv/permissions.h"

namespace k::ipc::sysv {
namespace {

constexpr unsigned kPermissionBits = 0777;

bool in_group(const fs::Credentials& who, const Permissions& object) {
  return who.in_group(object.cgid) || who.in_group(object.gid);
}

}  // namespace

Permissions Permissions::of_creator(const fs::Credentials& who, Key key, unsigned flags) {
  return {key, who.euid, who.egid, who.euid, who.egid, flags & kPermissionBits};
}

Result<void> may_access(const Permissions& object, const fs::Credentials& who, unsigned wanted) {
  const unsigned asked = (wanted >> 6 | wanted >> 3 | wanted) & 7;
  unsigned granted = object.mode;
  if (who.euid == object.cuid || who.euid == object.uid) {
    granted >>= 6;
  } else if (in_group(who, object)) {
    granted >>= 3;
  }
  if ((asked & ~granted) != 0 && !who.has(CAP_IPC_OWNER)) return err(Errno::acces);
  return {};
}

Result<void> may_control(const Permissions& object, const fs::Credentials& who) {
  if (who.euid == object.cuid || who.euid == object.uid || who.has(CAP_SYS_ADMIN)) return {};
  return err(Errno::perm);
}

Result<void> set_owner(Permissions& object, fs::Uid uid, fs::Gid gid, std::uint32_t mode) {
  if (uid == fs::kNoId || gid == fs::kNoId) return err(Errno::inval);
  object.uid = uid;
  object.gid = gid;
  object.mode = (object.mode & ~kPermissionBits) | (mode & kPermissionBits);
  return {};
}

}  // namespace k::ipc::sysv
