/// Permissions: owner, creator and mode of a System V IPC object, and who may do what to it.
///
/// Context     any; pure. The object's lock guards the value.
/// Errors      ACCES, PERM, INVAL (an ID of -1).
/// Source      sysvipc(7) "Resource access permissions", semget(2), msgctl(2), shmctl(2), capabilities(7).
#pragma once

#include <linux/ipc.h>

#include "fs/vfs/credentials.h"

namespace k::ipc::sysv {

using Key = std::int32_t;

struct Permissions {
  Key key = IPC_PRIVATE;
  fs::Uid uid = 0;
  fs::Gid gid = 0;
  fs::Uid cuid = 0;
  fs::Gid cgid = 0;
  std::uint32_t mode = 0;  // the low nine bits are permissions; the rest belongs to the kind of object (SHM_DEST)

  /// Of a new object.
  static Permissions of_creator(const fs::Credentials& who, Key key, unsigned flags);
};

/// The wanted bits may stand in any of the three groups of three: ACCES. Source: sysvipc(7); CAP_IPC_OWNER.
Result<void> may_access(const Permissions& object, const fs::Credentials& who, unsigned wanted);
inline constexpr unsigned kMayRead = 0444, kMayWrite = 0222;
/// IPC_SET, IPC_RMID and the like: owner, creator or CAP_SYS_ADMIN, else PERM.
Result<void> may_control(const Permissions& object, const fs::Credentials& who);
/// IPC_SET: takes owner and permission bits over.
Result<void> set_owner(Permissions& object, fs::Uid uid, fs::Gid gid, std::uint32_t mode);

}  // namespace k::ipc::sysv
