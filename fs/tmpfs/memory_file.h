/// Files in memory without a name in any tree: memfd_create(2), segments of shared memory.
///
/// Invariants  they live in one tmpfs without a size limit that is mounted nowhere; proc(5) shows them as "/NAME (deleted)".
/// Context     task context.
/// Errors      NOMEM.
/// Source      memfd_create(2), shmget(2).
#pragma once

#include "fs/vfs/file.h"

namespace k::fs {

/// Boot, once.
Result<void> init_memory_files();

struct MemoryFileRequest {
  std::string_view name;
  InodeOwner owner;
  std::uint32_t permissions = 0777;
  std::uint64_t size = 0;
  unsigned seals = 0;  // F_SEAL_* from the start
};
/// Open for reading and writing.
Result<Ref<File>> create_memory_file(const MemoryFileRequest& request);

}  // namespace k::fs
