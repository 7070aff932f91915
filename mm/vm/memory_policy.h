/// MemoryPolicy: which NUMA nodes a thread or an area asks for. The machine is one node, so that a policy decides nothing: it is
/// checked, kept and told.
///
/// Invariants  `nodes` is what get_mempolicy(2) tells: the caller's own set with MPOL_F_STATIC_NODES or MPOL_F_RELATIVE_NODES, else
///             kMachineNodes, and none for MPOL_DEFAULT and MPOL_LOCAL.
/// Context     a value; a thread's is its own, an area's changes under its space's lock held for writing.
/// Errors      INVAL.
/// Source      set_mempolicy(2), mbind(2), get_mempolicy(2).
/// Host        pure.
#pragma once

#include <linux/mempolicy.h>

#include <cstdint>

#include "kernel/lib/result.h"

namespace k::mm {

/// The nodes with memory, a bit each: node 0.
inline constexpr std::uint64_t kMachineNodes = 1;

/// A set of nodes from a caller, of which only the first word can name one that is there.
struct NodeSet {
  static constexpr unsigned kMaxNodes = 1024;
  std::uint64_t first = 0;
  bool has_others = false;

  bool empty() const { return first == 0 && !has_others; }
  bool names_memory() const { return (first & kMachineNodes) != 0; }
  bool only_memory() const { return (first & ~kMachineNodes) == 0 && !has_others; }
};

struct MemoryPolicy {
  std::uint32_t mode = uapi::MPOL_DEFAULT;  // with its MPOL_F_* flags
  std::uint64_t nodes = 0;

  static Result<void> check_mode(std::uint32_t mode);
  /// Of a mode that was checked.
  static Result<MemoryPolicy> create(std::uint32_t mode, const NodeSet& nodes);
  std::uint32_t plain_mode() const { return mode & ~std::uint32_t{MPOL_MODE_FLAGS}; }
  bool is_default() const { return mode == uapi::MPOL_DEFAULT; }
  bool operator==(const MemoryPolicy&) const = default;
};

}  // namespace k::mm
