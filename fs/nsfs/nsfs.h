/// The namespaces that every process is in, as places that links of /proc lead to.
///
/// Invariants  one inode per kind, made at boot and kept for good.
/// Context     init: boot, once. The rest: any.
/// Errors      init: NOMEM.
/// Source      namespaces(7).
#pragma once

#include <span>
#include <string_view>

#include "fs/vfs/path.h"

namespace k::fs {

enum class NamespaceKind : std::uint8_t { time, control_group, pid, user, uts, ipc, network, mount };
inline constexpr std::size_t kNamespaceKinds = 8;

Result<void> init_nsfs();

PathRef namespace_place(NamespaceKind kind);
/// "mnt:[4026531841]"; returns its length, cut to the room there is.
std::size_t describe_namespace(NamespaceKind kind, std::span<char> out);

}  // namespace k::fs
