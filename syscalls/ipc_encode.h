/// What the calls of System V IPC share: the caller, and structures whose padding must not show kernel bytes.
#pragma once

#include <asm/ipcbuf.h>
#include <linux/ipc.h>

#include <array>
#include <cstring>

#include "ipc/sysv/caller.h"
#include "ipc/sysv/permissions.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "mm/user/user_ptr.h"

namespace k::sys {

inline ipc::sysv::Caller ipc_caller(const Task& self) { return {self.creds(), self.process().id()}; }

/// A structure for user space that is all zeros, padding too, but for the members set.
template <class T>
class ZeroedOut {
 public:
  ZeroedOut() { std::memset(&value_, 0, sizeof value_); }
  T* operator->() { return &value_; }
  Result<void> write(UserAddr to) const {
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), &value_, sizeof value_);
    return UserOut<std::array<std::byte, sizeof(T)>>{to}.write(bytes);
  }

 private:
  T value_;
};

inline void fill(uapi::ipc64_perm& out, const ipc::sysv::Permissions& p, unsigned sequence) {
  out.key = p.key;
  out.uid = p.uid;
  out.gid = p.gid;
  out.cuid = p.cuid;
  out.cgid = p.cgid;
  out.mode = static_cast<decltype(out.mode)>(p.mode);
  out.seq = static_cast<unsigned short>(sequence);
}

}  // namespace k::sys
