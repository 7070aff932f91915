/// Seals: what may not happen to a memory file's content any more.
///
/// Invariants  seals are only added, under the file's data_lock(); F_SEAL_WRITE is added only while no shared mapping can write, and
///             from then on no such mapping is made (mm::SourceMappings counts them).
/// Lock order  takes Rank::inode_data.
/// Context     task context, may sleep.
/// Errors      INVAL: not a memory file, unknown seal. PERM: not open for writing, F_SEAL_SEAL. BUSY: F_SEAL_WRITE while mapped.
/// Source      fcntl(2), "File Sealing"; memfd_create(2).
#pragma once

#include "fs/vfs/file.h"

namespace k::fs {

/// fcntl(F_ADD_SEALS).
Result<void> add_seals(const File& file, std::uint64_t seals);
/// fcntl(F_GET_SEALS).
Result<unsigned> get_seals(const File& file);
/// Whether `file`'s seals let it be mapped shared for writing. PERM.
Result<void> may_map_writable(const File& file);
/// F_SEAL_FUTURE_WRITE: a shared mapping made now never becomes writable.
bool forbids_new_writers(const File& file);

}  // namespace k::fs
