/// What exec does to credentials: set-user-ID and set-group-ID files, capabilities. Pure.
/// Source      execve(2); capabilities(7), "Transformation of capabilities during execve()".
#pragma once

#include "fs/vfs/credentials.h"

namespace k::task {

struct ProgramOwner {
  std::uint32_t mode = 0;
  fs::Uid uid = 0;
  fs::Gid gid = 0;
  bool may_raise = true;  // no nosuid mount, no no_new_privs
};

/// Changes `next` (a copy of the caller's credentials) to those of the new program. True when AT_SECURE must be set.
bool apply_program(fs::Credentials& next, const ProgramOwner& program);
/// Whether apply_program would leave the credentials of an ordinary program as they are.
bool keeps_credentials(const fs::Credentials& now, const ProgramOwner& program);

}  // namespace k::task
