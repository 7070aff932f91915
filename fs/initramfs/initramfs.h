/// initramfs: unpacks the boot loader's archive into the root file system.
///
/// The image is one or more cpio archives (newc), one after another, each plain or compressed by gzip, with zeros between.
/// Invariants  names are taken relative to the context's root and cannot leave it. An entry that cannot be made is reported and
///             passed over; a damaged image ends the unpacking with what was made before.
/// Context     task context, boot.
/// Errors      IO (damaged or truncated image, unknown compression), NOMEM, NOSPC; the log says what and where.
/// Source      Linux's driver-api/early-userspace/buffer-format.
#pragma once

#include <span>

#include "fs/vfs/fs_context.h"

namespace k::fs {

Result<void> unpack_initramfs(const LookupContext& context, std::span<const std::byte> image);

}  // namespace k::fs
