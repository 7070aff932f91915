/// Who makes a call, as far as System V IPC wants to know.
#pragma once

#include <cstdint>

#include "fs/vfs/credentials.h"
#include "kernel/time/clock.h"

namespace k::ipc::sysv {

struct Caller {
  const fs::Credentials& who;
  std::int32_t process;  // the thread group's number, which GETPID and msg_lspid report
};

inline std::int64_t now_seconds() { return time::realtime_ns() / static_cast<std::int64_t>(time::kNsPerSecond); }

}  // namespace k::ipc::sysv
