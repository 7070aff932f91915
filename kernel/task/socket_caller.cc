#include "kernel/task/socket_caller.h"

#include "kernel/task/process.h"

namespace k::task {

net::Caller socket_caller() {
  const Task& self = current();
  const fs::Credentials& who = self.creds();
  const pid_t pid = self.process().id();
  return {.real = {pid, who.uid, who.gid},
          .effective = {pid, who.euid, who.egid},
          .open_files_limit = self.process().limits.soft(RLIMIT_NOFILE),
          .exceeds_limits = who.has(CAP_SYS_RESOURCE) || who.has(CAP_SYS_ADMIN),
          .manages_network = who.has(CAP_NET_ADMIN)};
}

}  // namespace k::task
